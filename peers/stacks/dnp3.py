"""DNP3 with yadnp3 (opendnp3, C++, with file transfer): integrity poll, unsolicited events, commands selected, direct and
refused, a file read and written, freeze, time, link status, restarts, a function the outstation does not know."""

import hashlib
import os
import threading
import time

from lab.play import Place
from lab.truth import Truth

PROTOCOL = "dnp3"
PACKAGES = ["yadnp3==3.2.1.4"]
MASTER, OUTSTATION = 3, 1024
FILE = bytes(i * 31 % 256 for i in range(5000))
BLOCK = 1024


def serve(place: Place, udp: bool = False) -> None:
    import opendnp3 as dnp3

    class Commands(dnp3.ICommandHandler):
        """Points 0 to 3 obey, the others are switched to local."""

        def Begin(self):
            pass

        def End(self):
            pass

        def Select(self, command, index):
            return dnp3.CommandStatus.SUCCESS if index < 4 else dnp3.CommandStatus.LOCAL

        def Operate(self, command, index, handler, kind):
            return dnp3.CommandStatus.SUCCESS if index < 4 else dnp3.CommandStatus.LOCAL

    class Application(dnp3.IOutstationApplication):
        def ColdRestartSupport(self):
            return dnp3.RestartMode.SUPPORTED_DELAY_COARSE

        def WarmRestartSupport(self):
            return dnp3.RestartMode.SUPPORTED_DELAY_FINE

        def ColdRestart(self):
            return 30

        def WarmRestart(self):
            return 500

        def SupportsWriteAbsoluteTime(self):
            return True

        def WriteAbsoluteTime(self, stamp):
            return True

    class Files(dnp3.IFileHandler):
        def AuthenticateFile(self, username, password):
            result = dnp3.OutstationFileAuthResult()
            result.status, result.authKey = dnp3.FileStatus.SUCCESS, 4711
            return result

        def OpenFile(self, name, key, permissions, mode, largest, request):
            result = dnp3.FileOpenResult()
            known = name == "trend.csv"
            result.status = dnp3.FileStatus.SUCCESS if known else dnp3.FileStatus.FILE_NOT_FOUND
            result.fileHandle, result.fileSize, result.maxBlockSize = 9, len(FILE), min(largest, BLOCK)
            return result

        def ReadBlock(self, handle, number):
            result = dnp3.FileBlockResult()
            number &= 0x7FFFFFFF
            result.status, result.data = dnp3.FileStatus.SUCCESS, list(FILE[number * BLOCK:(number + 1) * BLOCK])
            result.lastBlock = (number + 1) * BLOCK >= len(FILE)
            return result

        def CloseFile(self, handle, request):
            return dnp3.FileStatus.SUCCESS

        def DeleteFile(self, name):
            return dnp3.FileStatus.SUCCESS if name == "old.csv" else dnp3.FileStatus.PERMISSION_DENIED

    commands, application, files = Commands(), Application(), Files()
    manager = dnp3.DNP3Manager(1)
    here = dnp3.IPEndpoint(place.server, 20000)
    if udp:
        channel = manager.AddUDPChannel("outstation", dnp3.LogLevels.none(), dnp3.ChannelRetry.Default(), here,
                                        dnp3.IPEndpoint(place.client, 20000), None)
    else:
        channel = manager.AddTCPServer("outstation", dnp3.LogLevels.none(), dnp3.ServerAcceptMode.CloseExisting, here, None)
    database = dnp3.DatabaseConfig(4)
    config = dnp3.OutstationStackConfig(database)
    config.link.LocalAddr, config.link.RemoteAddr = OUTSTATION, MASTER
    config.outstation.params.allowUnsolicited = True
    config.outstation.eventBufferConfig = dnp3.EventBufferConfig(maxBinaryEvents=20)
    outstation = channel.AddOutstation("outstation", commands, application, config, files)
    outstation.Enable()

    def update(build) -> None:
        builder = dnp3.UpdateBuilder()
        build(builder)
        outstation.Apply(builder.Build())

    online = dnp3.Flags(1)
    update(lambda b: [b.Update(dnp3.Binary(i % 2 == 0, online), i, dnp3.EventMode.Suppress) for i in range(4)])
    update(lambda b: [b.Update(dnp3.Analog(100.0 + i, online), i, dnp3.EventMode.Suppress) for i in range(4)])
    update(lambda b: [b.Update(dnp3.Counter(7 * i, online), i, dnp3.EventMode.Suppress) for i in range(4)])
    place.ready()
    # The client asks for an event by a file of the shared folder: the truth stays what the outstation did.
    ask = os.path.join(os.environ["PEERS_FOLDER"], "event")
    while not place.stopped.wait(0.05):
        if os.path.exists(ask):
            os.unlink(ask)
            update(lambda b: b.Update(dnp3.Binary(True, online), 1, dnp3.EventMode.Force))


def act(place: Place, truth: Truth, udp: bool = False) -> None:
    import opendnp3 as dnp3

    manager = dnp3.DNP3Manager(1)
    opened, closed = threading.Event(), threading.Event()

    class Listener(dnp3.IChannelListener):
        def OnStateChange(self, state):
            if state == dnp3.ChannelState.OPEN:
                opened.set()

    listener = Listener()
    there, retry = dnp3.IPEndpoint(place.server, 20000), dnp3.ChannelRetry.Default()
    if udp:
        channel = manager.AddUDPChannel("master", dnp3.LogLevels.none(), retry, dnp3.IPEndpoint(place.client, 20000), there,
                                        listener)
    else:
        channel = manager.AddTCPClient("master", dnp3.LogLevels.none(), retry, [there], place.client, listener)
    config = dnp3.MasterStackConfig()
    config.link.LocalAddr, config.link.RemoteAddr = MASTER, OUTSTATION
    config.master.responseTimeout = dnp3.TimeDuration.Seconds(5)
    soe = dnp3.ISOEHandler()
    application = dnp3.IMasterApplication()
    master = channel.AddMaster("master", soe, application, config)
    master.Enable()
    assert opened.wait(5)
    time.sleep(1.5)
    classes = ["g60v2", "g60v3", "g60v4"]
    # opendnp3's own opening: the outstation says that it is there, the master puts everything in order.
    truth.did("unsolicited_response", unit=OUTSTATION, targets=[], fields={"iin": "device_restart"})
    truth.did("confirm", unit=OUTSTATION, fields={"unsolicited": True})
    truth.did("disable_unsolicited", unit=OUTSTATION, targets=classes)
    truth.did("write", unit=OUTSTATION, targets={"g80v1:7": False})
    truth.did("read", unit=OUTSTATION)
    truth.did("enable_unsolicited", unit=OUTSTATION, targets=classes)

    def done(call):
        """The result of a call that tells it by callback."""
        came, result = threading.Event(), []

        def back(*said):
            result.extend(said)
            came.set()

        call(back)
        assert came.wait(10), "no answer"
        return result[0] if result else None

    def status(result) -> list:
        return [point.status for point in result.to_list()]

    pulse = dnp3.ControlRelayOutputBlock(dnp3.OperationType.PULSE_ON, dnp3.TripCloseCode.CLOSE, False, 1, 250, 0)
    assert status(done(lambda back: master.SelectAndOperate(pulse, 2, back))) == [dnp3.CommandStatus.SUCCESS]
    for operation in ("select", "operate"):
        truth.did(operation, unit=OUTSTATION, targets={"g12v1:2": "close_pulse_on"}, operation_class="operate",
                  fields={"op_count": 1, "on_time": 250})
    latch = dnp3.ControlRelayOutputBlock(dnp3.OperationType.LATCH_OFF)
    assert status(done(lambda back: master.DirectOperate(latch, 1, back))) == [dnp3.CommandStatus.SUCCESS]
    truth.did("direct_operate", unit=OUTSTATION, targets={"g12v1:1": "latch_off"})
    assert status(done(lambda back: master.DirectOperate(dnp3.AnalogOutputInt32(-777), 3, back))) == [dnp3.CommandStatus.SUCCESS]
    truth.did("direct_operate", unit=OUTSTATION, targets={"g41v1:3": -777})
    assert status(done(lambda back: master.SelectAndOperate(pulse, 9, back))) != [dnp3.CommandStatus.SUCCESS]
    truth.did("select", unit=OUTSTATION, targets={"g12v1:9": "close_pulse_on"}, outcome="refused", refused=7)

    open(os.path.join(os.environ["PEERS_FOLDER"], "event"), "w").close()
    time.sleep(0.7)
    truth.did("unsolicited_response", unit=OUTSTATION, targets={"g2v1:1": True})
    truth.did("confirm", unit=OUTSTATION, fields={"unsolicited": True})

    master.ScanRange(dnp3.GroupVariationID(30, 1), 1, 2, soe)
    time.sleep(0.3)
    truth.did("read", unit=OUTSTATION, targets={"g30v1:1..2": None, "g30v1:1": 101, "g30v1:2": 102})
    master.Freeze(dnp3.FreezeType.ImmediateFreeze, [dnp3.Header.AllObjects(20, 0)])
    time.sleep(0.3)
    truth.did("immed_freeze", unit=OUTSTATION, targets=["g20v0"])
    done(lambda back: master.CheckLinkStatus(back))
    truth.did("request_link_status", unit=OUTSTATION)
    master.PerformFunction("nobody knows", dnp3.FunctionCode.ACTIVATE_CONFIG, [])
    time.sleep(0.3)
    truth.did("activate_config", unit=OUTSTATION, outcome="refused", refused=256)
    truth.alert("function_not_supported")

    read = done(lambda back: master.ReadFile("trend.csv", back))
    assert bytes(read.data) == FILE, (read.summary, len(read.data))
    truth.did("open_file", unit=OUTSTATION, targets=["file:trend.csv"], fields={"mode": "read", "size": len(FILE)})
    truth.did("read", unit=OUTSTATION, targets=["file:trend.csv"], count=-(-len(FILE) // BLOCK), operation_class="file")
    truth.did("close_file", unit=OUTSTATION, targets=["file:trend.csv"])
    truth.transfer("upload", name="trend.csv", size=len(FILE), sha256=hashlib.sha256(FILE).hexdigest(), complete=True)
    done(lambda back: master.ReadFile("secret.csv", back))
    truth.did("open_file", unit=OUTSTATION, targets=["file:secret.csv"], outcome="refused")
    done(lambda back: master.DeleteFile("old.csv", back))
    truth.did("delete_file", unit=OUTSTATION, targets=["file:old.csv"], operation_class="file")

    done(lambda back: master.Restart(dnp3.RestartType.WARM, back))
    truth.did("warm_restart", unit=OUTSTATION, operation_class="mode")
    done(lambda back: master.Restart(dnp3.RestartType.COLD, back))
    truth.did("cold_restart", unit=OUTSTATION, targets={"g52v1": 30}, operation_class="mode")
    truth.alert("controller_restart", 2)
    truth.identity("client", device_type="scada_server")
    truth.identity("server", device_type="rtu")
    truth.background("arp", "icmpv6")
