"""A client for KIS as people write them in Python, with nothing but the standard library: REST by http.client, WebSocket
on a bare socket. It knows nothing of the emulator; only its addresses are other ones. Prints what it saw as JSON.

usage: foreign-client.py HOST PORT CODE TRADES
"""
import base64
import http.client
import json
import os
import socket
import struct
import sys

HOST, PORT, CODE, TRADES = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
APP_KEY, APP_SECRET = "P" * 36, "S" * 180


def rest(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(HOST, PORT, timeout=10)
    connection.request(method, path, None if body is None else json.dumps(body), headers or {})
    response = connection.getresponse()
    return response, json.loads(response.read())


class WebSocket:
    def __init__(self, path):
        self.socket = socket.create_connection((HOST, PORT), timeout=20)
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            f"GET {path} HTTP/1.1\r\nHost: {HOST}:{PORT}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
        ).encode())
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101"), head
        assert b"permessage-deflate" not in head, "nothing here can inflate"

    def more(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            raise EOFError("the server is gone")
        self.buffer += chunk

    def take(self, count):
        while len(self.buffer) < count:
            self.more()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send(self, text, opcode=1):
        data, mask = text.encode(), os.urandom(4)
        size = bytes([128 | len(data)]) if len(data) < 126 else bytes([128 | 126]) + struct.pack(">H", len(data))
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        self.socket.sendall(bytes([128 | opcode]) + size + mask + masked)

    def receive(self):
        """One message; fragments are joined."""
        message = b""
        while True:
            first, second = self.take(2)
            size = second & 127
            if size == 126:
                (size,) = struct.unpack(">H", self.take(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", self.take(8))
            data, opcode = self.take(size), first & 15
            if opcode == 8:
                raise EOFError("closed by the server")
            if opcode in (0, 1, 2):
                message += data
                if first & 128:
                    return message.decode("utf-8")


grant = {"grant_type": "client_credentials", "appkey": APP_KEY}
approval = rest("POST", "/oauth2/Approval", {**grant, "secretkey": APP_SECRET})[1]["approval_key"]
token = rest("POST", "/oauth2/tokenP", {**grant, "appsecret": APP_SECRET})[1]["access_token"]
headers = {"authorization": f"Bearer {token}", "appkey": APP_KEY, "appsecret": APP_SECRET, "tr_id": "FHKST01010100"}
query = f"FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={CODE}"
response, price = rest("GET", f"/uapi/domestic-stock/v1/quotations/inquire-price?{query}", headers=headers)

ws = WebSocket("/tryitout/H0STCNT0")
for tr_id in ("H0STCNT0", "H0STASP0"):
    header = {"approval_key": approval, "custtype": "P", "tr_type": "1", "content-type": "utf-8"}
    ws.send(json.dumps({"header": header, "body": {"input": {"tr_id": tr_id, "tr_key": CODE}}}))

answers, trades, books, pings, widths, breaks = [], [], 0, 0, set(), 0
while len(trades) < TRADES or pings < 2 or books == 0:
    text = ws.receive()
    if text[0] in "01":
        _, tr_id, count, payload = text.split("|", 3)
        fields = payload.split("^")
        width = len(fields) // int(count)
        assert width * int(count) == len(fields), text
        if tr_id == "H0STCNT0":
            trades += [fields[at:at + width] for at in range(0, len(fields), width)]
            widths.add(width)
        else:
            books += 1
        continue
    control = json.loads(text)
    if control["header"]["tr_id"] == "PINGPONG":
        pings += 1
        ws.send(text, 1 if pings % 2 else 10)  # As text, and as a pong that carries it.
    else:
        answers.append([control["header"]["tr_id"], control["body"]["msg_cd"], control["header"]["encrypt"]])
for before, now in zip(trades, trades[1:]):
    breaks += int(now[13]) != int(before[13]) + int(now[12])
print(json.dumps({
    "answers": answers, "widths": sorted(widths), "codes": sorted({trade[0] for trade in trades}), "breaks": breaks,
    "price": price["output"]["stck_prpr"], "trId": response.getheader("tr_id"), "books": books > 0,
}))
