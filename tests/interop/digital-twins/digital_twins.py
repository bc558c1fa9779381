"""The vendor's Digital Twins client, as it comes, against a running emulator.

Takes the file with the first line of `twinkit emulate --tls --json`.
"""

import json
import os
import socket
import ssl
import sys
import time
import urllib.request
from urllib.parse import urlsplit

import steps


def main(path):
    with open(path, encoding="utf-8") as file:
        listening = json.loads(file.readline())
    # Before the libraries look for them.
    os.environ.update(listening["env"])

    from azure.digitaltwins.core import DigitalTwinsClient
    from azure.identity import ClientSecretCredential

    credential = ClientSecretCredential(
        os.environ["AZURE_TENANT_ID"],
        os.environ["AZURE_CLIENT_ID"],
        os.environ["AZURE_CLIENT_SECRET"],
        authority=os.environ["AZURE_AUTHORITY_HOST"],
        disable_instance_discovery=True,
    )
    client = DigitalTwinsClient(os.environ["AZURE_DIGITALTWINS_URL"], credential)

    def certificates(_client):
        check_certificates(listening["services"])

    steps.run([
        certificates, models, twins, relationships, components, queries, telemetry, event_routes, end,
        sign_in_failure,
    ], client)


def check_certificates(services):
    """Newer Pythons check certificates strictly by default; this one always."""
    context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    for url in services.values():
        address = urlsplit(url)
        if address.scheme == "http":
            # Managed identity endpoints are plain on real hosts too.
            continue
        with socket.create_connection((address.hostname, address.port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=address.hostname) as secure:
                assert secure.version() in ("TLSv1.2", "TLSv1.3")
    with urllib.request.urlopen(services["control"] + "/health", context=context) as answer:
        assert json.load(answer)["status"] == "ok"


def refused(kind, status, code, call):
    """The call must end in the vendor's exception of this kind."""
    try:
        result = call()
        if hasattr(result, "next"):
            list(result)
    except kind as error:
        assert error.status_code == status, error
        if code is not None:
            body = json.loads(error.response.text())
            assert body["error"]["code"] == code, error
            assert error.response.headers["x-ms-error-code"] == code, error
        return error
    raise AssertionError(f"{kind.__name__} was due")


CONTEXT = "dtmi:dtdl:context;3"
SPACE, ROOM, FLOOR, THERMOSTAT = (f"dtmi:interop:{name};1" for name in ("Space", "Room", "Floor", "Thermostat"))
MODELS = [
    {"@id": FLOOR, "@type": "Interface", "@context": CONTEXT, "extends": SPACE, "contents": [
        {"@type": "Relationship", "name": "contains", "target": ROOM, "properties": [
            {"@type": "Property", "name": "since", "schema": "string"}]}]},
    {"@id": ROOM, "@type": "Interface", "@context": CONTEXT, "displayName": "Room", "extends": SPACE, "contents": [
        {"@type": "Property", "name": "temperature", "schema": "double"},
        {"@type": "Telemetry", "name": "humidity", "schema": "double"},
        {"@type": "Component", "name": "thermostat", "schema": THERMOSTAT}]},
    {"@id": THERMOSTAT, "@type": "Interface", "@context": CONTEXT, "contents": [
        {"@type": "Property", "name": "setPoint", "schema": "double"},
        {"@type": "Telemetry", "name": "reading", "schema": "double"}]},
    {"@id": SPACE, "@type": "Interface", "@context": CONTEXT, "contents": [
        {"@type": "Property", "name": "name", "schema": "string"}]},
]


@steps.essential
def models(client):
    from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

    stored = client.create_models(MODELS)
    assert sorted(model.id for model in stored) == sorted(model["@id"] for model in MODELS)
    assert all(model.upload_time is not None and not model.decommissioned for model in stored)
    refused(ResourceExistsError, 409, "ModelAlreadyExists", lambda: client.create_models(MODELS[:1]))
    refused(HttpResponseError, 400, "DTDLParserError", lambda: client.create_models([{"@id": "dtmi:interop:Bad;1"}]))

    room = client.get_model(ROOM, include_model_definition=True)
    assert room.display_name == {"en": "Room"}, room.display_name
    assert room.model["contents"] and room.model["@id"] == ROOM
    assert client.get_model(ROOM).model is None
    refused(ResourceNotFoundError, 404, "ModelNotFound", lambda: client.get_model("dtmi:interop:None;1"))

    assert {model.id for model in client.list_models()} == {model["@id"] for model in MODELS}
    needed = client.list_models(dependencies_for=[ROOM], include_model_definition=True)
    assert {model.id for model in needed} == {ROOM, SPACE, THERMOSTAT}

    lamp = {"@id": "dtmi:interop:Lamp;1", "@type": "Interface", "@context": CONTEXT}
    client.create_models([lamp])
    client.decommission_model(lamp["@id"])
    assert client.get_model(lamp["@id"]).decommissioned
    twin = {"$metadata": {"$model": lamp["@id"]}}
    refused(HttpResponseError, 400, None, lambda: client.upsert_digital_twin("lamp", twin))
    client.delete_model(lamp["@id"])
    refused(ResourceNotFoundError, 404, "ModelNotFound", lambda: client.delete_model(lamp["@id"]))
    refused(ResourceExistsError, 409, "ModelReferencesNotDeleted", lambda: client.delete_model(SPACE))


def room(name, temperature):
    return {
        "$metadata": {"$model": ROOM}, "name": name, "temperature": temperature,
        "thermostat": {"$metadata": {}, "setPoint": 21.0},
    }


def twins(client):
    from azure.core import MatchConditions
    from azure.core.exceptions import HttpResponseError, ResourceModifiedError, ResourceNotFoundError

    client.upsert_digital_twin("floor 1", {"$metadata": {"$model": FLOOR}})
    awkward = "a/b?c#d%2F é;:+&=\\"
    assert client.upsert_digital_twin(awkward, room("x", 1.0))["$dtId"] == awkward
    assert client.get_digital_twin(awkward)["$dtId"] == awkward
    client.delete_digital_twin(awkward)
    for number in range(12):
        client.upsert_digital_twin(f"room:{number};ü", room(f"Room {number}", 20.0 + number))
    created = client.upsert_digital_twin("room-1", room("O'Brien", 20.5))
    assert created["$dtId"] == "room-1" and created["$etag"].startswith('W/"')
    assert created["$metadata"]["temperature"]["lastUpdateTime"]
    refused(HttpResponseError, 412, "PreconditionFailed", lambda: client.upsert_digital_twin(
        "room-1", room("x", 1.0), match_condition=MatchConditions.IfMissing))

    first = client.get_digital_twin("room-1")
    assert first["name"] == "O'Brien" and first["temperature"] == 20.5
    warmer = [{"op": "replace", "path": "/temperature", "value": 25.0}]
    client.update_digital_twin(
        "room-1", warmer, etag=first["$etag"], match_condition=MatchConditions.IfNotModified)
    second = client.get_digital_twin("room-1")
    assert second["temperature"] == 25.0 and second["$etag"] != first["$etag"]
    refused(ResourceModifiedError, 412, "PreconditionFailed", lambda: client.update_digital_twin(
        "room-1", warmer, etag=first["$etag"], match_condition=MatchConditions.IfNotModified))
    wrong = [{"op": "add", "path": "/temperature", "value": "warm"}]
    refused(HttpResponseError, 400, "ValidationFailed", lambda: client.update_digital_twin("room-1", wrong))
    unset = [{"op": "replace", "path": "/unset", "value": 1}]
    refused(HttpResponseError, 400, None, lambda: client.update_digital_twin("room-1", unset))

    refused(ResourceNotFoundError, 404, "DigitalTwinNotFound", lambda: client.get_digital_twin("nobody"))
    refused(ResourceModifiedError, 412, "PreconditionFailed", lambda: client.delete_digital_twin(
        "room:0;ü", etag=first["$etag"], match_condition=MatchConditions.IfNotModified))
    client.delete_digital_twin("room:0;ü")
    refused(ResourceNotFoundError, 404, "DigitalTwinNotFound", lambda: client.delete_digital_twin("room:0;ü"))


def relationships(client):
    from azure.core import MatchConditions
    from azure.core.exceptions import HttpResponseError, ResourceModifiedError, ResourceNotFoundError

    for number in range(1, 12):
        link = {"$targetId": f"room:{number};ü", "$relationshipName": "contains"}
        made = client.upsert_relationship("floor 1", f"link-{number}", link)
        assert made["$sourceId"] == "floor 1" and made["$etag"]
    client.upsert_relationship("floor 1", "link-x", {"$targetId": "room-1", "$relationshipName": "contains"})

    # More than one page of the emulator's ten.
    links = list(client.list_relationships("floor 1"))
    assert len(links) == 12, len(links)
    assert len(list(client.list_relationships("floor 1", "contains"))) == 12
    incoming = list(client.list_incoming_relationships("room-1"))
    assert [(link.relationship_id, link.source_id) for link in incoming] == [("link-x", "floor 1")]

    link = client.get_relationship("floor 1", "link-x")
    since = [{"op": "add", "path": "/since", "value": "2024"}]
    client.update_relationship(
        "floor 1", "link-x", since, etag=link["$etag"], match_condition=MatchConditions.IfNotModified)
    assert client.get_relationship("floor 1", "link-x")["since"] == "2024"
    refused(ResourceModifiedError, 412, "PreconditionFailed", lambda: client.update_relationship(
        "floor 1", "link-x", since, etag=link["$etag"], match_condition=MatchConditions.IfNotModified))
    refused(ResourceNotFoundError, 404, "RelationshipNotFound", lambda: client.get_relationship("floor 1", "none"))
    refused(HttpResponseError, 400, "RelationshipsNotDeleted", lambda: client.delete_digital_twin("floor 1"))
    client.delete_relationship("floor 1", "link-1")
    refused(ResourceNotFoundError, 404, None, lambda: client.delete_relationship("floor 1", "link-1"))


def components(client):
    from azure.core.exceptions import HttpResponseError

    thermostat = client.get_component("room-1", "thermostat")
    assert thermostat["setPoint"] == 21.0 and "$metadata" in thermostat
    client.update_component("room-1", "thermostat", [{"op": "replace", "path": "/setPoint", "value": 19.5}])
    assert client.get_component("room-1", "thermostat")["setPoint"] == 19.5
    refused(HttpResponseError, 404, None, lambda: client.get_component("room-1", "chimney"))
    wrong = [{"op": "replace", "path": "/setPoint", "value": "warm"}]
    refused(HttpResponseError, 400, "ValidationFailed", lambda: client.update_component("room-1", "thermostat", wrong))


def queries(client):
    from azure.core.exceptions import HttpResponseError

    rows = list(client.query_twins(f"SELECT * FROM DIGITALTWINS T WHERE IS_OF_MODEL(T, '{ROOM}')"))
    assert len(rows) == 12 and all(row["$metadata"]["$model"] == ROOM for row in rows)
    named = list(client.query_twins("SELECT T.temperature FROM DIGITALTWINS T WHERE T.name = 'O\\'Brien'"))
    assert named == [{"temperature": 25.0}], named
    joined = "SELECT R FROM DIGITALTWINS F JOIN R RELATED F.contains WHERE F.$dtId = 'floor 1'"
    assert len(list(client.query_twins(joined))) == 11
    count = list(client.query_twins("SELECT COUNT() FROM DIGITALTWINS"))
    assert count == [{"COUNT": 13}], count
    refused(HttpResponseError, 400, "SqlQueryError", lambda: client.query_twins("SELECT FROM"))


def telemetry(client):
    from azure.core.exceptions import ResourceNotFoundError

    client.publish_telemetry("room-1", {"humidity": 41.5})
    client.publish_telemetry("room-1", {"humidity": 42.5}, message_id="message-2")
    client.publish_component_telemetry("room-1", "thermostat", {"reading": 20.25})
    refused(ResourceNotFoundError, 404, "DigitalTwinNotFound",
            lambda: client.publish_telemetry("nobody", {"humidity": 1.0}))


def event_routes(client):
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
    from azure.digitaltwins.core import DigitalTwinsEventRoute

    route = DigitalTwinsEventRoute(endpoint_name="events", filter="type = 'Microsoft.DigitalTwins.Twin.Create'")
    client.upsert_event_route("created", route)
    assert client.get_event_route("created").endpoint_name == "events"
    assert [route.id for route in client.list_event_routes()] == ["created"]
    nowhere = DigitalTwinsEventRoute(endpoint_name="nowhere", filter="true")
    refused(HttpResponseError, 400, "EventRouteEndpointInvalid", lambda: client.upsert_event_route("x", nowhere))
    client.delete_event_route("created")
    refused(ResourceNotFoundError, 404, "EventRouteNotFound", lambda: client.get_event_route("created"))


def end(client):
    """Takes everything away again, as a user would."""
    for link in list(client.list_relationships("floor 1")):
        client.delete_relationship("floor 1", link["$relationshipId"])
    deadline = time.monotonic() + 30
    while rows := list(client.query_twins("SELECT * FROM DIGITALTWINS")):
        for row in rows:
            client.delete_digital_twin(row["$dtId"])
        assert time.monotonic() < deadline
    for model in (FLOOR, ROOM, THERMOSTAT, SPACE):
        client.delete_model(model)
    assert not list(client.list_models())


def sign_in_failure(_client):
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import ClientSecretCredential

    wrong = ClientSecretCredential(
        os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"], "wrong",
        authority=os.environ["AZURE_AUTHORITY_HOST"], disable_instance_discovery=True)
    try:
        wrong.get_token("https://digitaltwins.azure.net/.default")
    except ClientAuthenticationError as error:
        assert "AADSTS7000215" in str(error), error
    else:
        raise AssertionError("a wrong secret was accepted")


if __name__ == "__main__":
    main(sys.argv[1])
