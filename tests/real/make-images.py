#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: make-images.py PROGRAM
# Makes archives and OCI layouts, good and hostile ones, in the current directory; PROGRAM (static) is what is in the good ones.
import gzip, hashlib, io, json, os, subprocess, sys, tarfile

program = open(sys.argv[1], "rb").read()


def entry(name, kind=tarfile.REGTYPE, data=b"", mode=0o755, link="", pax=None, uid=0):
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mode, info.linkname, info.uid, info.gid = kind, len(data), mode, link, uid, uid
    info.pax_headers = pax or {}
    if kind == tarfile.CHRTYPE:
        info.devmajor, info.devminor = 1, 3
    return info, data


def folder(name, mode=0o755):
    return entry(name, tarfile.DIRTYPE, mode=mode)


def tar(*entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


class Layout:
    def __init__(self, path):
        self.path, self.manifests = path, []
        os.makedirs(path + "/blobs/sha256")
        write(path + "/oci-layout", b'{"imageLayoutVersion":"1.0.0"}')

    def blob(self, data, media_type, **more):
        if not isinstance(data, bytes):
            data = json.dumps(data).encode()
        write(f"{self.path}/blobs/sha256/{digest(data)[7:]}", data)
        return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}

    def image(self, layers, config=None, diff_ids=None, **more):
        blobs = [self.blob(pack(data), "application/vnd.oci.image.layer.v1.tar" + end) for data, pack, end in layers]
        ids = diff_ids or [digest(data) for data, _, _ in layers]
        config = {"architecture": "amd64", "os": "linux", "created": "2026-01-02T03:04:05Z", "config": config or {},
                  "rootfs": {"type": "layers", "diff_ids": ids}}
        manifest = {"schemaVersion": 2, "config": self.blob(config, "application/vnd.oci.image.config.v1+json"), "layers": blobs}
        return self.blob(manifest, "application/vnd.oci.image.manifest.v1+json", **more)

    def index(self, *manifests):
        write(self.path + "/index.json", json.dumps({"schemaVersion": 2, "manifests": manifests}).encode())
        return self


plain, zipped, zstded = (lambda d: d, ""), (gzip.compress, "+gzip"), (zstd, "+zstd")
base = tar(folder("./"), folder("bin"), folder("etc"), folder("srv"), folder("srv/old"), folder("tmp", 0o1777),
           entry("bin/probe", data=program), entry("bin/busy", tarfile.LNKTYPE, link="bin/probe"),
           entry("bin/link", tarfile.SYMTYPE, link="/bin/probe"), entry("etc/gone", data=b"x"),
           entry("etc/motd", data=b"from the base\n", mode=0o644), entry("srv/old/a", data=b"a"), entry("srv/b", data=b"b"),
           entry("srv/caf\u00e9", data=b"utf8"), entry("etc/owned", data=b"o", uid=7, mode=0o640))
write("good.tar", base)
write("good.tar.gz", gzip.compress(base))
write("good.tar.zst", zstd(base))
for suffix, command in (("xz", "xz"), ("bz2", "bzip2")):
    write("good.tar." + suffix, subprocess.run([command, "-c"], input=base, stdout=subprocess.PIPE, check=True).stdout)
write("big.tar", tar(*[entry(f"file{i}", data=os.urandom(1 << 20)) for i in range(16)]))

# ---- layouts ----
second = tar(folder("etc"), entry("etc/.wh.gone"), entry("etc/motd", data=b"from the second\n"), folder("srv"),
             entry("srv/.wh..wh..opq"), entry("srv/new", data=b"n"))
config = {"Entrypoint": ["/bin/probe"], "Cmd": ["ps"], "Env": ["PATH=/bin", "WHO=image"], "WorkingDir": "/srv", "StopSignal": "SIGQUIT"}
here, other = {"os": "linux", "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)}, {"os": "linux", "architecture": "vax"}
l = Layout("layout")
name = {"annotations": {"org.opencontainers.image.ref.name": "one"}}
nested = l.blob({"schemaVersion": 2, "manifests": [l.image([(base, *plain)], platform=other), l.image([(base, *zipped)], platform=here)]},
                "application/vnd.oci.image.index.v1+json", annotations={"org.opencontainers.image.ref.name": "many"})
l.index(l.image([(base, *zipped), (second, *zstded)], config, **name), nested)
z = Layout("zipped")
z.index(z.image([(base, *zipped), (second, *zipped)], config))
# Forty layers: more paths than fit in one option of a mount.
deep = Layout("deep")
deep.index(deep.image([(base, *zipped)] + [(tar(entry(f"l{i}", data=b"%d" % i)), *plain) for i in range(40)]))


# A layer that is in no store yet: one that is there is not unpacked again.
fresh = tar(entry("fresh", data=b"f" * 1000))


def hostile_layout(name, change):
    h = Layout(name)
    manifest = h.image([(fresh, *zipped)])
    h.index(change(h, manifest) or manifest)


def lying_blob(h, _):
    for name in os.listdir(h.path + "/blobs/sha256"):
        path = f"{h.path}/blobs/sha256/{name}"
        if open(path, "rb").read(2) == b"\x1f\x8b":
            data = bytearray(open(path, "rb").read())
            data[-1] ^= 1
            write(path, bytes(data))


hostile_layout("lying-blob", lying_blob)
hostile_layout("lying-diff", lambda h, _: h.image([(fresh, *zipped)], diff_ids=["sha256:" + "0" * 64]))
hostile_layout("lying-size", lambda h, m: {**m, "size": m["size"] + 1})
hostile_layout("escaping", lambda h, m: {**m, "digest": "sha256:../../../../etc/passwd"})
hostile_layout("unknown-type", lambda h, m: h.blob({"schemaVersion": 2, "config": json.load(open(f"{h.path}/blobs/sha256/{m['digest'][7:]}"))["config"],
               "layers": [{"mediaType": "application/x-secret", "digest": "sha256:" + "1" * 64, "size": 1}]}, "application/vnd.oci.image.manifest.v1+json"))
hostile_layout("wh-dotdot", lambda h, m: h.image([(tar(folder("a"), entry("a/.wh...")), *plain)]))
hostile_layout("wh-link", lambda h, m: h.image([(tar(entry("a", tarfile.SYMTYPE, link="/etc"), entry("a/.wh.passwd")), *plain)]))
os.mkdir("no-layout")

# ---- what docker save writes ----
saved_config = json.dumps({"config": config, "rootfs": {"type": "layers", "diff_ids": [digest(base), digest(second)]}}).encode()
hexname = digest(saved_config)[7:]


def saved(path, name, layers=("one/layer.tar", "two/layer.tar")):
    m = json.dumps([{"Config": name, "RepoTags": ["example.invalid/library/saved:1"], "Layers": list(layers)}]).encode()
    write(path, tar(folder("one"), folder("two"), entry("one/layer.tar", data=base), entry("two/layer.tar", data=second),
                    entry("three", tarfile.SYMTYPE, link="one/layer.tar"), entry(name, data=saved_config), entry("manifest.json", data=m)))


saved("saved.tar", hexname + ".json")
saved("saved-link.tar", hexname + ".json", layers=("three", "two/layer.tar"))
saved("saved-lying.tar", "0" * 64 + ".json")
outer = json.dumps({"rootfs": {"type": "layers", "diff_ids": [digest(fresh)]}}).encode()
write("saved-out.tar", tar(entry("c.json", data=outer), entry("manifest.json", data=json.dumps([{"Config": "c.json", "Layers": ["../../../../../../etc/passwd"]}]).encode())))


# ---- hostile archives ----
link, hard = tarfile.SYMTYPE, tarfile.LNKTYPE
for name, entries in {
    "dotdot": [entry("../boxtop-was-here", data=b"x")],
    "inner-dotdot": [folder("a"), entry("a/../../boxtop-was-here", data=b"x")],
    "absolute": [entry("/tmp/boxtop-was-here", data=b"x")],
    "link-out": [entry("out", link, link="../../etc")],
    "through-link": [entry("out", link, link="/tmp"), entry("out/boxtop-was-here", data=b"x")],
    "hard-out": [entry("passwd", hard, link="../../../../etc/passwd")],
    "hard-absolute": [entry("passwd", hard, link="/etc/passwd")],
    "hard-through": [entry("e", link, link="/etc"), entry("passwd", hard, link="e/passwd")],
}.items():
    write(name + ".tar", tar(entry("first", data=b"1"), *entries))
write("device.tar", tar(entry("null", tarfile.CHRTYPE)))
write("xattr.tar", tar(entry("f", data=b"x", pax={"SCHILY.xattr.trusted.overlay.redirect": "/etc", "SCHILY.xattr.user.mine": "1"})))
write("rubbish.tar", os.urandom(5000))
write("empty.tar", b"")
write("cut.tar.gz", gzip.compress(base)[:-2000])
write("cut.tar", base[: len(base) // 2])
