"""The Azure CLI, as it comes, against a running emulator.

Takes the file with the first line of `twinkit emulate --tls --json`, and a
folder for what the command writes.
"""

import base64
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import urllib.request

import steps

TWINS = "https://digitaltwins.azure.net"
IOT_CENTRAL = "https://apps.azureiotcentral.com"
MANAGER = "https://management.core.windows.net/"
SUBSCRIPTION = "eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee"
OWNER = "33333333-3333-3333-3333-333333333333"
SYSTEM = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"
USER = "dddddddd-dddd-dddd-dddd-dddddddddddd"
USER_CLIENT = "cccccccc-cccc-cccc-cccc-cccccccccccc"


def main(path, work, twinkit):
    with open(path, encoding="utf-8") as file:
        listening = json.loads(file.readline())
    cli = Cli(listening, pathlib.Path(work), twinkit)
    steps.run([
        discovered_cloud, wrong_secret, secret, tokens, our_source, account, control_plane, twins,
        iot_central, managed_identity, federated_token, our_source_signed_out,
    ], cli)


class Cli:
    """`az` with a configuration folder of its own, far from the user's."""

    def __init__(self, listening, work, twinkit):
        self.twinkit = twinkit
        self.services = listening["services"]
        self.env = listening["env"]
        self.hosts = listening["managedIdentity"]
        self.config = work / "config"
        self.forget()

    def forget(self):
        """A machine where nobody has ever signed in."""
        shutil.rmtree(self.config, ignore_errors=True)
        self.register(
            "--endpoint-active-directory", self.services["identity"],
            "--endpoint-active-directory-resource-id", MANAGER,
            "--endpoint-active-directory-graph-resource-id", "https://graph.windows.net/",
            "--suffix-storage-endpoint", self.services["storage"].removeprefix("https://"),
        )

    def register(self, *endpoints):
        self.run("cloud", "register", "-n", "twinkit",
                 "--endpoint-resource-manager", self.services["resource-manager"], *endpoints)
        self.run("cloud", "set", "-n", "twinkit")

    def process(self, *arguments, **variables):
        command = [sys.executable, "-m", "azure.cli", *arguments, "--output", "json"]
        return self.start(command, **variables)

    def ours(self, *arguments):
        """Our own program, which finds this `az` first on its path."""
        path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
        return self.start(
            [self.twinkit, *arguments], PATH=path, HOME=str(self.config),
            SSL_CERT_FILE=self.env["SSL_CERT_FILE"])

    def start(self, command, **variables):
        # No HOME and no AZURE_ variable of whoever runs this.
        env = {
            "PATH": os.environ["PATH"],
            "AZURE_CONFIG_DIR": str(self.config),
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_CORE_ONLY_SHOW_ERRORS": "true",
            "AZURE_CORE_NO_COLOR": "true",
            "REQUESTS_CA_BUNDLE": self.env["REQUESTS_CA_BUNDLE"],
            **variables,
        }
        return subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)

    def run(self, *arguments, **variables):
        done = self.process(*arguments, **variables)
        assert done.returncode == 0, (arguments, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def fails(self, *arguments, **variables):
        done = self.process(*arguments, **variables)
        assert done.returncode != 0, (arguments, done.stdout)
        return done.stderr

    def login(self, secret):
        return (
            "login", "--service-principal", "--tenant", self.env["AZURE_TENANT_ID"],
            "-u", self.env["AZURE_CLIENT_ID"], "-p", secret)


def claims_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def discovered_cloud(cli):
    """With nothing but the control plane's address az asks it for the rest."""
    cli.run("cloud", "set", "-n", "AzureCloud")
    cli.run("cloud", "unregister", "-n", "twinkit")
    cli.register()
    endpoints = cli.run("cloud", "show", "-n", "twinkit")["endpoints"]
    assert endpoints["activeDirectory"] == cli.services["identity"], endpoints
    assert endpoints["activeDirectoryResourceId"] == MANAGER, endpoints
    cli.forget()


def wrong_secret(cli):
    assert "AADSTS7000215" in cli.fails(*cli.login("wrong"))
    assert "az login" in cli.fails("account", "show")


def secret(cli):
    accounts = cli.run(*cli.login(cli.env["AZURE_CLIENT_SECRET"]))
    assert [account["id"] for account in accounts] == [SUBSCRIPTION], accounts
    assert accounts[0]["user"] == {"name": cli.env["AZURE_CLIENT_ID"], "type": "servicePrincipal"}, accounts


def tokens(cli):
    for resource in (TWINS, IOT_CENTRAL, MANAGER):
        answer = cli.run("account", "get-access-token", "--resource", resource)
        assert answer["tokenType"] == "Bearer" and answer["tenant"] == cli.env["AZURE_TENANT_ID"], answer
        claims = claims_of(answer["accessToken"])
        assert (claims["aud"], claims["oid"]) == (resource, OWNER), claims
        assert claims["exp"] - 5 <= answer["expires_on"] <= claims["exp"] + 5, answer
        # Kept on disk: the next command does not sign in again.
        again = cli.run("account", "get-access-token", "--scope", f"{resource}/.default")
        assert again["accessToken"] == answer["accessToken"], "az keeps tokens"
    assert "AADSTS500011" in cli.fails("account", "get-access-token", "--resource", "https://nowhere.example")


def our_source(cli):
    """Our Azure CLI credential takes its tokens from this `az`."""
    for target, resource in (("digital-twins", TWINS), ("iot-central", IOT_CENTRAL)):
        done = cli.ours("token", "--with", "azure-cli", "--for", target, "--json")
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["source"] == "azure-cli" and "token" not in answer, answer
        assert answer["claims"]["aud"] == resource and answer["claims"]["oid"] == OWNER, answer
    done = cli.ours("doctor", "--endpoint", cli.env["AZURE_DIGITALTWINS_URL"], "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["used"] == "azure-cli", (report, done.stderr)
    assert report["probe"]["ok"], report


def our_source_signed_out(cli):
    cli.forget()
    done = cli.ours("token", "--with", "azure-cli")
    assert done.returncode == 1 and "az login" in done.stderr, done


def account(cli):
    listed = cli.run("account", "list")
    assert [entry["id"] for entry in listed] == [SUBSCRIPTION], listed
    assert listed[0]["tenantId"] == cli.env["AZURE_TENANT_ID"] and listed[0]["isDefault"], listed
    assert cli.run("account", "show")["environmentName"] == "twinkit"
    tenants = cli.run("rest", "--url", "/tenants?api-version=2022-12-01")["value"]
    assert [tenant["tenantId"] for tenant in tenants] == [cli.env["AZURE_TENANT_ID"]], tenants


def control_plane(cli):
    groups = cli.run("group", "list")
    assert [group["name"] for group in groups] == ["twinkit"], groups
    assert "ResourceGroupNotFound" in cli.fails("group", "show", "-n", "none")
    # The requests of `az dt show` and `az dt list`.
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.DigitalTwins/digitalTwinsInstances"
    listed = cli.run("rest", "--url", f"{path}?api-version=2023-01-31")["value"]
    assert [instance["name"] for instance in listed] == ["digital-twins"], listed
    host = listed[0]["properties"]["hostName"]
    assert f"https://{host}" == cli.services["digital-twins"], listed
    one = cli.run("rest", "--url", f"{listed[0]['id']}?api-version=2023-01-31")
    assert one == listed[0], one
    generic = cli.run("resource", "show", "--ids", listed[0]["id"], "--api-version", "2023-01-31")
    assert generic["properties"]["hostName"] == host, generic
    (app,) = cli.run("iot", "central", "app", "list")
    assert (app["name"], app["subdomain"]) == ("myapp", "myapp"), app
    assert cli.run("iot", "central", "app", "show", "-n", "myapp", "-g", "twinkit")["applicationId"] == app["applicationId"]
    accounts = cli.run("storage", "account", "list")
    assert [entry["name"] for entry in accounts] == ["twinkitstore"], accounts
    assert accounts[0]["primaryEndpoints"]["blob"] == cli.services["storage"] + "/twinkitstore/", accounts
    keys = cli.run("storage", "account", "keys", "list", "-n", "twinkitstore", "-g", "twinkit")
    assert [key["keyName"] for key in keys] == ["key1", "key2"], keys
    signed = cli.run(
        "storage", "blob", "generate-sas", "--account-name", "twinkitstore", "--account-key", keys[0]["value"],
        "-c", "box", "-n", "a.txt", "--permissions", "cw", "--expiry", "2099-01-01T00:00Z")
    url = f"{accounts[0]['primaryEndpoints']['blob']}box/a.txt?{signed}"
    request = urllib.request.Request(url, method="PUT", data=b"text", headers={"x-ms-blob-type": "BlockBlob", **steps.BY_HAND})
    tls = ssl.create_default_context(cafile=cli.env["SSL_CERT_FILE"])
    with urllib.request.urlopen(request, context=tls) as answer:
        assert answer.status == 201


def twins(cli):
    root, version = cli.services["digital-twins"], "api-version=2023-10-31"

    def rest(method, path, body=None, media="application/json"):
        arguments = ["rest", "--method", method, "--url", f"{root}{path}?{version}", "--resource", TWINS]
        if body is not None:
            arguments += ["--body", json.dumps(body), "--headers", f"Content-Type={media}"]
        return cli.run(*arguments)

    model = "dtmi:interop:az:Room;1"
    rest("post", "/models", [{
        "@id": model, "@type": "Interface", "@context": "dtmi:dtdl:context;3",
        "contents": [{"@type": "Property", "name": "t", "schema": "double"}]}])
    rest("put", "/digitaltwins/room-1", {"$metadata": {"$model": model}, "t": 1.5})
    patch = [{"op": "replace", "path": "/t", "value": 2.5}]
    rest("patch", "/digitaltwins/room-1", patch, "application/json-patch+json")
    assert rest("get", "/digitaltwins/room-1")["t"] == 2.5
    rows = rest("post", "/query", {"query": "SELECT * FROM digitaltwins"})["value"]
    assert [row["$dtId"] for row in rows] == ["room-1"], rows
    missing = cli.fails("rest", "--url", f"{root}/digitaltwins/none?{version}", "--resource", TWINS)
    assert "DigitalTwinNotFound" in missing, missing
    rest("delete", "/digitaltwins/room-1")


def iot_central(cli):
    """What `az iot central user` and `api-token` send, by `az rest`: the extension
    itself is on no package index. The address is the one it puts together from
    `--app-id localhost:PORT/myapp`."""
    root = f"{cli.services['iot-central']}/myapp.azureiotcentral.com/api"
    operator = "ae2c9854-393b-4f97-8c42-479d70ce626e"

    def rest(method, path, body=None, media="application/json", version="2022-07-31", run=cli.run):
        url = f"{root}{path}?api-version={version}"
        arguments = ["rest", "--method", method, "--url", url, "--resource", IOT_CENTRAL]
        if body is not None:
            arguments += ["--body", json.dumps(body), "--headers", f"Content-Type={media}"]
        return run(*arguments)

    user = {"type": "servicePrincipal", "roles": [{"role": operator}], "objectId": SYSTEM,
            "tenantId": cli.env["AZURE_TENANT_ID"]}
    made = rest("put", "/users/system", user)
    assert made == {"id": "system", **user}, made
    ids = [entry["id"] for entry in rest("get", "/users")["value"]]
    assert "system" in ids, ids
    rest("put", "/organizations/o1", {"displayName": "One"})
    changed = rest("patch", "/users/system", {"type": "servicePrincipal", "roles": [{"role": "o1\\operator"}]})
    assert changed["roles"][0]["organization"] == "o1", changed
    token = rest("put", "/apiTokens/t1", {"roles": [{"role": operator}]})
    assert token["token"].startswith("SharedAccessSignature sr="), "the only answer that shows it"
    assert "token" not in rest("get", "/apiTokens/t1")
    assert rest("get", "/devices", version="2022-06-30-preview")["value"] == []
    assert "NotFound" in rest("get", "/users/none", run=cli.fails)
    for path in ("/apiTokens/t1", "/users/system", "/organizations/o1"):
        rest("delete", path)


def managed_identity(cli):
    """App Service, which az knows by its older form; the variables stay set."""
    for host, identity, name, oid in [
        ("appService", (), "systemAssignedIdentity", SYSTEM),
        ("appService", ("--client-id", USER_CLIENT), "userAssignedIdentity", USER),
        ("cloudShell", (), "systemAssignedIdentity", SYSTEM),
    ]:
        cli.forget()
        variables = cli.hosts[host]
        accounts = cli.run("login", "--identity", *identity, **variables)
        assert accounts[0]["user"]["name"] == name and accounts[0]["id"] == SUBSCRIPTION, accounts
        answer = cli.run("account", "get-access-token", "--resource", TWINS, **variables)
        assert claims_of(answer["accessToken"])["oid"] == oid, answer
        url = f"{cli.services['digital-twins']}/models?api-version=2023-10-31"
        listed = cli.run("rest", "--url", url, "--resource", TWINS, **variables)
        assert "value" in listed, listed
    nobody = ("login", "--identity", "--client-id", "99999999-9999-9999-9999-999999999999")
    assert "No managed identity with this id" in cli.fails(*nobody, **cli.hosts["appService"])


def federated_token(cli):
    """The token of a GitHub Actions job in place of a secret."""
    cli.forget()
    request = urllib.request.Request(
        cli.services["identity"] + "/federation/github?audience=api://AzureADTokenExchange",
        headers={"Authorization": "Bearer emulated-github-request-token", **steps.BY_HAND})
    tls = ssl.create_default_context(cafile=cli.env["SSL_CERT_FILE"])
    with urllib.request.urlopen(request, context=tls) as answer:
        token = json.load(answer)["value"]
    accounts = cli.run(
        "login", "--service-principal", "--tenant", cli.env["AZURE_TENANT_ID"],
        "-u", cli.env["AZURE_CLIENT_ID"], "--federated-token", token)
    assert [account["id"] for account in accounts] == [SUBSCRIPTION], accounts
    answer = cli.run("account", "get-access-token", "--resource", TWINS)
    assert claims_of(answer["accessToken"])["oid"] == OWNER


if __name__ == "__main__":
    main(*sys.argv[1:])
