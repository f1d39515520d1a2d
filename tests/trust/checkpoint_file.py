"""A checkpoint, taken apart, changed and sealed again with the right checksums: what damage alone never makes."""

import ctypes
import json
import struct

_xxh3 = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
_xxh3.restype, _xxh3.argtypes = ctypes.c_uint64, (ctypes.c_char_p, ctypes.c_size_t)


def _sum(data):
    return f"{_xxh3(data, len(data)):016x}"


class CheckpointFile:
    """metadata: texts by name; tensors: [dtype, shape, bytes] by name."""

    def __init__(self, path):
        data = path.read_bytes()
        (size,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + size])
        self.metadata = {k: v for k, v in header.pop("__metadata__").items() if not k.startswith("xxh3 ")}
        self.tensors = {}
        for name, tensor in header.items():
            begin, end = tensor["data_offsets"]
            self.tensors[name] = [tensor["dtype"], tensor["shape"], data[8 + size + begin : 8 + size + end]]

    def write(self, path):
        sums = {"xxh3 " + name: _sum(data) for name, (_, _, data) in self.tensors.items()}
        header, at = {"__metadata__": {"xxh3 header": "0" * 16, **self.metadata, **sums}}, 0
        for name, (dtype, shape, data) in self.tensors.items():
            header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
            at += len(data)
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        seal = text.index(b'"xxh3 header":"') + len(b'"xxh3 header":"')
        text = text[:seal] + _sum(text).encode() + text[seal + 16 :]
        path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(t[2] for t in self.tensors.values()))
