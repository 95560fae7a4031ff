#!/usr/bin/env bash
# Runs a static x86-64 Linux program on an emulated CPU that has AVX-512, for hosts that lack it.
#
#   usage: avx512.sh CPU_MODEL PROGRAM [ARGS...]
#
# CPU_MODEL is one of the names that `bochs --help cpu` lists:
#   tigerlake, corei7_icelake_u   AVX-512 F/BW/DQ/VL with VPOPCNTDQ, VNNI and BITALG
#   corei7_skylake_x              AVX-512 F/BW/DQ/VL only
# PROGRAM is a statically linked executable; it runs as root in an otherwise empty system with
# /dev/null and /tmp, without /proc, and its standard output and error both come out on stdout.
#
# The exit status is that of PROGRAM (128 + N after signal N), 77 when a tool is missing,
# 2 after wrong usage, 124 after a timeout, and 125 when the emulated machine fails.
#
# Debian packages: bochs bochs-term bochsbios vgabios isolinux syslinux-common xorriso cpio
# gcc libc6-dev apt dpkg. The kernel comes from the current linux-image-*-cloud-amd64 package,
# which is downloaded and unpacked, never installed.
#
# Environment:
#   ORTHANT_CACHE     directory that keeps the unpacked kernel (default: none, download every time)
#   EMULATE_TIMEOUT   seconds of real time before the run is given up (default: 900)
#   EMULATE_VERBOSE   when not empty, stderr gets the kernel's messages and the time used
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: ${0##*/} CPU_MODEL PROGRAM [ARGS...]" >&2
    exit 2
fi
model=$1 program=$2
shift 2

skip() { echo "skipped: $*"; exit 77; }

# --- What the run needs -------------------------------------------------------------------------
for tool in bochs xorriso cpio gcc apt-get apt-cache dpkg-deb; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done
rom=/usr/share/bochs/BIOS-bochs-latest
vgarom=/usr/share/bochs/VGABIOS-lgpl-latest
loader=/usr/lib/ISOLINUX/isolinux.bin
module=/usr/lib/syslinux/modules/bios/ldlinux.c32
for file in "$rom" "$vgarom" "$loader" "$module"; do
    [ -e "$file" ] || skip "$file is missing"
done
compgen -G '/usr/lib/*/bochs/plugins/libbx_term_gui.so' >/dev/null || skip "bochs-term is not installed"
models=$(bochs --help cpu 2>&1 || true)
grep -qx -- "$model" <<<"$models" || skip "bochs has no CPU model $model"
if [ ! -f "$program" ] || [ ! -x "$program" ]; then
    echo "${0##*/}: $program is not an executable file" >&2
    exit 2
fi

work=$(mktemp -d)
emulator=
# Ends the emulator of this run, and no other, by its process id. SIGTERM does not stop it.
cleanup() {
    if [ -n "$emulator" ]; then
        kill -KILL "$emulator" 2>/dev/null || true
        wait "$emulator" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- The kernel ---------------------------------------------------------------------------------
cache=${ORTHANT_CACHE:-$work/cache}
kernel=$cache/vmlinuz-cloud-amd64
if [ ! -s "$kernel" ]; then
    mkdir -p "$cache" "$work/deb"
    # The package without a version in its name only depends on the one that has the kernel.
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null |
        sed -n 's/^ *Depends: \(linux-image-[0-9].*-cloud-amd64\)$/\1/p')
    [ -n "$package" ] || skip "apt knows no linux-image-cloud-amd64"
    (cd "$work/deb" && apt-get download "${package%%$'\n'*}" >log 2>&1) ||
        skip "the kernel package cannot be downloaded"
    dpkg-deb -x "$work"/deb/*.deb "$work/deb/tree"
    # The rename keeps a run that starts meanwhile from reading half a file.
    cp "$work"/deb/tree/boot/vmlinuz-* "$kernel.$$"
    mv "$kernel.$$" "$kernel"
fi

# --- The initial file system --------------------------------------------------------------------
# The first process runs the program and reports how it ended. It gets its arguments from a file,
# each one ended by a NUL byte, because the kernel's command line would split them at blanks.
mkdir -p "$work/initfs/tmp" "$work/initfs/dev" "$work/iso"
cat >"$work/init.c" <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char text[1 << 17], *list[1 << 12];

int main(void) {
    struct termios mode;
    int status = 0, count = 0, in = open("/args", O_RDONLY);
    ssize_t size = read(in, text, sizeof text - 1);
    for (char *at = text; at < text + size && count < (1 << 12) - 1; at += strlen(at) + 1)
        list[count++] = at;
    close(in);
    if (tcgetattr(1, &mode) == 0) { /* no carriage returns in the output */
        mode.c_oflag &= ~OPOST;
        tcsetattr(1, TCSANOW, &mode);
    }
    mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3));
    dprintf(1, "\nEMULATED-START\n");
    pid_t child = fork();
    if (child == 0) {
        char *environment[] = {"PATH=/", "HOME=/tmp", "RUST_BACKTRACE=1", NULL};
        execve("/program", list, environment);
        perror("/program");
        _exit(126);
    }
    while (waitpid(child, &status, 0) != child)
        ;
    dprintf(1, "\nEMULATED-EXIT %d\n", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    tcdrain(1);
    for (;;) /* the script stops the machine */
        pause();
}
C
gcc -static -O2 -o "$work/initfs/init" "$work/init.c" 2>"$work/gcc.log" || skip "gcc cannot link static programs"
install -m 755 "$program" "$work/initfs/program"
printf '%s\0' "${program##*/}" "$@" >"$work/initfs/args"
(cd "$work/initfs" && find . | cpio --quiet -o -H newc) >"$work/iso/initrd"

# --- The boot disc ------------------------------------------------------------------------------
# Linux must not use four features that Bochs 2.7 advertises; it then hides none of AVX-512:
#   pku, xsavec, xsaves   Bochs gives wrong XSAVE area sizes for them, and Linux then turns off the
#                         whole of XSAVE, which takes AVX and AVX-512 away from every program
#   fsrm                  Bochs offers fast short string moves (Ice Lake and later) while its fast
#                         string operations are off; the kernel then loops in page faults
# The remaining options only make the boot faster: no mitigations, self-tests, key loading, tracing.
options="clearcpuid=pku,xsavec,xsaves,fsrm acpi=off tsc=unstable"
options+=" mitigations=off nokaslr edd=off lsm=none random.trust_cpu=on"
options+=" cryptomgr.notests=1 initcall_blacklist=load_system_certificate_list,trace_eval_init"
options+=",init_kprobe_trace,cubictcp_register panic=-1 console=ttyS0"
[ -n "${EMULATE_VERBOSE:-}" ] || options+=" quiet loglevel=1"
cp "$kernel" "$work/iso/vmlinuz"
cp "$loader" "$module" "$work/iso/"
printf 'default test\nprompt 0\nlabel test\n linux /vmlinuz\n append initrd=/initrd %s\n' "$options" \
    >"$work/iso/isolinux.cfg"
xorriso -as mkisofs -quiet -o "$work/boot.iso" -b isolinux.bin -c boot.cat -no-emul-boot \
    -boot-load-size 4 -boot-info-table "$work/iso" 2>"$work/xorriso.log"

# --- The machine --------------------------------------------------------------------------------
# The emulated clock counts instructions: `ips` of them make one second, however long they take.
# A small number shortens the delay loops of the BIOS; `tsc=unstable` makes Linux keep this time.
cat >"$work/bochsrc" <<RC
display_library: term
plugin_ctrl: speaker=0, parallel=0, gameport=0
romimage: file=$rom
vgaromimage: file=$vgarom
vga: extension=vbe, update_freq=1
megs: 512
cpu: model=$model, count=1, ips=10000000
clock: sync=none
ata0-master: type=cdrom, path=boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=serial
log: /dev/null
panic: action=fatal
RC
# Debian's Bochs has its debugger compiled in, which waits for a command before it starts.
echo c >"$work/start"
: >"$work/serial"
limit=${EMULATE_TIMEOUT:-900}
SECONDS=0
(cd "$work" && TERM=vt100 exec bochs -q -f bochsrc -rc start </dev/null >bochs.log 2>&1) &
emulator=$!

end='^EMULATED-EXIT [0-9]+$' booted=
until grep -aEq "$end" "$work/serial"; do
    if [ -z "$booted" ] && grep -aq '^EMULATED-START' "$work/serial"; then booted=$SECONDS; fi
    [ "$SECONDS" -lt "$limit" ] && kill -0 "$emulator" 2>/dev/null || break
    sleep 0.2
done
took=$SECONDS

# --- The result ---------------------------------------------------------------------------------
all=$(tr -d '\0' <"$work/serial")
output=${all#*EMULATED-START$'\n'}
if [ -n "${EMULATE_VERBOSE:-}" ]; then
    printf '%s\n' "${all%%EMULATED-START*}" >&2
    echo "boot: ${booted:-$took} s, all: $took s" >&2
fi
if status=$(grep -aE "$end" "$work/serial" | tail -n 1); then
    printf '%s' "${output%$'\n'EMULATED-EXIT*}"
    exit "${status##* }"
fi
[ "$output" = "$all" ] || printf '%s\n' "$output"
if kill -0 "$emulator" 2>/dev/null; then
    echo "${0##*/}: no end within $limit s" >&2
    exit 124
fi
echo "${0##*/}: the emulator stopped early:" >&2
tail -n 5 "$work/bochs.log" >&2
exit 125
