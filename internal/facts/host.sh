# The host itself: names, distribution, clock, disks, addresses.
clock() { date '+%s.%N %z'; }
watchdog() { if [ -c /dev/watchdog ]; then echo yes; else echo no; fi; }
disk() { bounded 10 df -Pk / /etc /var /var/lib /run; }
# All within one bound: a name server that does not answer is waited for once.
resolve() {
  bounded 20 sh -c 'for name; do getent ahosts "$name"; echo "status $? $name"; done' sh $names
}

if want host; then
  frame uname 1024 uname -n
  frame uid 64 id -u
  frame machine-id 4096 one_file /etc/machine-id
  frame boot-id 1024 cat /proc/sys/kernel/random/boot_id
  frame os-release 65536 one_file /etc/os-release
  frame watchdog 16 watchdog
  frame clock 64 clock
  frame disk 16384 disk
  frame names 65536 resolve
fi
# iproute2 before 4.14 knows no JSON; only then is text taken.
if want host || want status; then
  frame addresses 1048576 bounded 10 ip -j addr show
  [ "$status" = 255 ] && frame addresses-text 262144 bounded 10 ip -o addr show
fi
