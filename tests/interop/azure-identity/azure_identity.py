"""The vendor's sign-in library, as it comes, against a running emulator.

Takes the file with the first line of `twinkit emulate --tls --json`.
"""

import base64
import contextlib
import datetime
import json
import logging
import os
import ssl
import sys
import urllib.error
import urllib.request

import steps

SCOPE = "https://digitaltwins.azure.net/.default"
SYSTEM = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"
USER = "dddddddd-dddd-dddd-dddd-dddddddddddd"
USER_IDS = [
    {"client_id": "cccccccc-cccc-cccc-cccc-cccccccccccc"},
    {"identity_config": {"object_id": USER}},
    {"identity_config": {"resource_id": (
        "/subscriptions/eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee/resourceGroups/twinkit"
        "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/twinkit-identity")}},
]


def main(path):
    with open(path, encoding="utf-8") as file:
        listening = json.loads(file.readline())
    # Before the libraries look for them.
    os.environ.update(listening["env"])
    # It logs each refusal that is due here.
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    emulator = Emulator(listening)
    steps.run([
        secret, environment, certificate, federated_token,
        imds, busy_imds, app_service, azure_ml, cloud_shell, arc,
    ], emulator)


class Emulator:
    def __init__(self, listening):
        self.services = listening["services"]
        self.hosts = listening["managedIdentity"]
        self.arc_key_folder = listening["arcKeyFolder"]
        self.tls = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])

    def call(self, method, url, body=None, token=None):
        """Status and document of a request without any of the vendor's code."""
        request = urllib.request.Request(url, method=method, data=body and json.dumps(body).encode(), headers=steps.BY_HAND)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, context=self.tls) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def control(self, method, path, body=None):
        status, document = self.call(method, self.services["control"] + path, body)
        assert status in (200, 204), (status, document)
        return document

    @contextlib.contextmanager
    def host(self, name):
        """What the host sets, and nothing that another way in would take."""
        variables = self.hosts[name]
        kept = dict(os.environ)
        for variable in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
            os.environ.pop(variable, None)
        os.environ.update(variables)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(kept)


def opens_the_twins(emulator, token, owner=None):
    """The data plane takes the token, and it is the expected principal's."""
    url = emulator.services["digital-twins"] + "/models?api-version=2023-10-31"
    status, document = emulator.call("GET", url, token=token.token)
    assert status == 200, (status, document)
    remaining = token.expires_on - datetime.datetime.now().timestamp()
    assert 3500 < remaining < 3700, remaining
    if owner is not None:
        assert claims(token)["oid"] == owner, claims(token)


def claims(token):
    part = token.token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def refused(kinds, call):
    try:
        call()
    except kinds as error:
        return str(error)
    raise AssertionError("an error was due")


def application(kind, *arguments, **options):
    return kind(
        *arguments, authority=os.environ["AZURE_AUTHORITY_HOST"], disable_instance_discovery=True, **options)


def secret(emulator):
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import ClientSecretCredential

    ids = os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"]
    credential = application(ClientSecretCredential, *ids, os.environ["AZURE_CLIENT_SECRET"])
    first = credential.get_token(SCOPE)
    opens_the_twins(emulator, first)
    assert credential.get_token(SCOPE).token == first.token, "the library keeps tokens"
    wrong = application(ClientSecretCredential, *ids, "wrong")
    assert "AADSTS7000215" in refused(ClientAuthenticationError, lambda: wrong.get_token(SCOPE))
    lost = application(ClientSecretCredential, ids[0], ids[0], "wrong")
    assert "AADSTS700016" in refused(ClientAuthenticationError, lambda: lost.get_token(SCOPE))


def environment(emulator):
    from azure.identity import EnvironmentCredential

    credential = EnvironmentCredential(disable_instance_discovery=True)
    opens_the_twins(emulator, credential.get_token(SCOPE))


def managed_identity(emulator, ids=USER_IDS):
    """The system-assigned identity, and the other one by every id."""
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import CredentialUnavailableError, ManagedIdentityCredential

    opens_the_twins(emulator, ManagedIdentityCredential().get_token(SCOPE), SYSTEM)
    for identity in ids:
        opens_the_twins(emulator, ManagedIdentityCredential(**identity).get_token(SCOPE), USER)
    # Said as the host says it.
    nobody = ManagedIdentityCredential(client_id="99999999-9999-9999-9999-999999999999")
    refusals = (ClientAuthenticationError, CredentialUnavailableError)
    return refused(refusals, lambda: nobody.get_token(SCOPE))


def imds(emulator):
    from azure.identity import ChainedTokenCredential, ManagedIdentityCredential

    with emulator.host("imds"):
        assert "Identity not found" in managed_identity(emulator)
        # As one of several ways in, as most programs have it.
        chain = ChainedTokenCredential(ManagedIdentityCredential())
        opens_the_twins(emulator, chain.get_token(SCOPE), SYSTEM)


def busy_imds(emulator):
    """The library asks again after each of the documented statuses."""
    from azure.identity import ManagedIdentityCredential

    with emulator.host("imds"):
        for status in (410, 429, 500):
            fault = {"effect": {"kind": "status", "status": status}, "service": "managed-identity"}
            emulator.control("POST", "/faults", fault)
            opens_the_twins(emulator, ManagedIdentityCredential().get_token(SCOPE), SYSTEM)
    assert [fault["served"] for fault in emulator.control("GET", "/faults")] == [1, 1, 1]
    emulator.control("DELETE", "/faults")


def app_service(emulator):
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import CredentialUnavailableError, ManagedIdentityCredential

    with emulator.host("appService"):
        assert "400" in managed_identity(emulator)
        os.environ["IDENTITY_HEADER"] = "wrong"
        stranger = ManagedIdentityCredential()
        refusals = (ClientAuthenticationError, CredentialUnavailableError)
        assert "401" in refused(refusals, lambda: stranger.get_token(SCOPE))


def azure_ml(emulator):
    with emulator.host("azureMl"):
        managed_identity(emulator)


def cloud_shell(emulator):
    from azure.identity import ManagedIdentityCredential

    with emulator.host("cloudShell"):
        opens_the_twins(emulator, ManagedIdentityCredential().get_token(SCOPE), SYSTEM)


def arc(emulator):
    """The library reads key files from one folder only, and has no setting for
    it. That constant alone is set to the emulator's folder here."""
    from msal import managed_identity as library

    with emulator.host("arc"):
        message = refused(Exception, lambda: managed_identity(emulator))
        assert "/var/opt/azcmagent/tokens" in message, message
        library._supported_arc_platforms_and_their_prefixes[sys.platform] = emulator.arc_key_folder
        assert "Identity not found" in managed_identity(emulator)
    # Every key that was read is gone; the one that was not is left.
    assert len(os.listdir(emulator.arc_key_folder)) <= 1


def certificate(emulator):
    """A certificate made here, registered at the emulator, and one that is not."""
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import CertificateCredential

    public, private = new_certificate()
    principal = emulator.control("POST", "/principals", {"role": "dataOwner", "certificates": [public]})
    ids = principal["tenantId"], principal["clientId"]
    for options in ({}, {"send_certificate_chain": True}):
        credential = application(
            CertificateCredential, *ids, certificate_data=(public + private).encode(), **options)
        opens_the_twins(emulator, credential.get_token(SCOPE), principal["objectId"])
    other = application(CertificateCredential, *ids, certificate_data="".join(new_certificate()).encode())
    assert "AADSTS700027" in refused(ClientAuthenticationError, lambda: other.get_token(SCOPE))


def new_certificate():
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "interop")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def federated_token(emulator):
    """The token of a GitHub Actions job as the assertion."""
    from azure.identity import ClientAssertionCredential

    def assertion():
        url = emulator.services["identity"] + "/federation/github?audience=api://AzureADTokenExchange"
        status, document = emulator.call("GET", url, token="emulated-github-request-token")
        assert status == 200, (status, document)
        return document["value"]

    credential = application(
        ClientAssertionCredential, os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"], assertion)
    opens_the_twins(emulator, credential.get_token(SCOPE))


if __name__ == "__main__":
    main(sys.argv[1])
