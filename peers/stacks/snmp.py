"""SNMP with pysnmp on both sides: version 2c get, next, bulk, set; version 3 with authentication and privacy."""

import asyncio

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "snmp"
PACKAGES = ["pysnmp==7.1.30", "cryptography==50.0.2"]
DESCRIPTION = "Peerless switch PS-8, firmware 4.2"
SYSTEM = (1, 3, 6, 1, 2, 1, 1)


def serve(place: Place) -> None:
    from pysnmp.carrier.asyncio.dgram import udp
    from pysnmp.entity import config, engine
    from pysnmp.entity.rfc3413 import cmdrsp, context

    async def run() -> None:
        agent = engine.SnmpEngine()
        config.add_transport(agent, udp.DOMAIN_NAME, udp.UdpTransport().open_server_mode((place.server, 161)))
        config.add_v1_system(agent, "area", "plantword")
        config.add_v3_user(agent, "operator", config.USM_AUTH_HMAC96_SHA, "authkey-1234", config.USM_PRIV_CFB128_AES, "privkey-1234")
        for model, name, level in ((2, "area", "noAuthNoPriv"), (3, "operator", "authPriv")):
            config.add_vacm_user(agent, model, name, level, (1, 3, 6), (1, 3, 6))
        everything = context.SnmpContext(agent)
        cells = everything.get_mib_instrum().get_mib_builder()
        for name, text in (("sysName", "sw-hall-3"), ("sysLocation", "Hall 3"), ("sysDescr", DESCRIPTION)):
            old, = cells.import_symbols("__SNMPv2-MIB", name)
            old.syntax = old.syntax.clone(text)
        for responder in (cmdrsp.GetCommandResponder, cmdrsp.SetCommandResponder, cmdrsp.NextCommandResponder,
                          cmdrsp.BulkCommandResponder):
            responder(agent, everything)
        place.ready()
        while not place.stopped.is_set():
            await asyncio.sleep(0.1)

    asyncio.run(run())


def act(place: Place, truth: Truth) -> None:
    asyncio.run(talk(place, truth))


async def talk(place: Place, truth: Truth) -> None:
    from pysnmp.hlapi.v3arch.asyncio import (CommunityData, ContextData, ObjectIdentity, ObjectType, OctetString, SnmpEngine,
                                             UdpTransportTarget, UsmUserData, bulk_cmd, get_cmd, next_cmd, set_cmd,
                                             usmAesCfb128Protocol, usmHMACSHAAuthProtocol)

    engine = SnmpEngine()
    target = await UdpTransportTarget.create((place.server, 161), timeout=5, retries=0)
    community = CommunityData("plantword", mpModel=1)

    def of(*tail: int) -> ObjectType:
        return ObjectType(ObjectIdentity(SYSTEM + tail))

    async def ask(call, *arguments):
        trouble, status, index, found = await call(engine, community, target, ContextData(), *arguments)
        assert not trouble, trouble
        return int(status), found

    status, found = await ask(get_cmd, of(5, 0), of(6, 0))
    assert [str(value) for _, value in found] == ["sw-hall-3", "Hall 3"]
    version = {"version": "2c"}
    truth.did("get_request", targets={"sysName.0": "sw-hall-3", "sysLocation.0": "Hall 3"}, fields=version)
    await ask(get_cmd, of(1, 0))
    truth.did("get_request", targets={"sysDescr.0": DESCRIPTION}, fields=version)
    await ask(next_cmd, of(5))
    truth.did("get_next_request", targets={"sysName.*": "sw-hall-3"}, fields={"next": "sysName.0"})
    _, found = await ask(bulk_cmd, 0, 3, of(1))
    truth.did("get_bulk_request", targets=["sysDescr.*"], fields={"max_repetitions": 3, "returned": len(found)})
    status, _ = await ask(set_cmd, ObjectType(ObjectIdentity(SYSTEM + (6, 0)), OctetString("Hall 4")))
    assert status == 0
    truth.did("set_request", targets={"sysLocation.0": "Hall 4"}, operation_class="configure")
    await ask(get_cmd, of(99, 0))
    truth.did("get_request", targets={"system.99.0": "no_such_object"})

    user = UsmUserData("operator", "authkey-1234", "privkey-1234", authProtocol=usmHMACSHAAuthProtocol,
                       privProtocol=usmAesCfb128Protocol)
    trouble, status, _, found = await get_cmd(engine, user, target, ContextData(), of(5, 0))
    assert not trouble and str(found[0][1]) == "sw-hall-3", trouble
    # Version 3 asks for the agent's engine first; what follows is encrypted.
    truth.did("get_request", fields={"version": "3", "report": "unknown_engine_id"})
    truth.did("encrypted_pdu", fields={"version": "3", "user": "operator", "security_level": "auth_priv"})
    truth.identity("server", system_name="sw-hall-3", description=DESCRIPTION)
    truth.background("arp", "icmpv6")
