#!/bin/sh
# boot_systemd.sh FOLDER: boots systemd as the first process of a machine of its own, made of namespaces: this machine's files
# with those of FOLDER/tree on top, and quotewire.target as all that is to run. FOLDER/shared is its /mnt. Needs root. Nothing
# that is written in there outlives it; it ends when this process is killed, and then leaves no process behind.
set -eu
folder=$1
for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
    if [ -e $hierarchy/cgroup.procs ]; then
        mkdir -p $hierarchy/quotewire-test
        echo $$ >$hierarchy/quotewire-test/cgroup.procs
    fi
done
exec unshare --pid --mount --cgroup --uts --ipc --net --fork --kill-child sh -eu -c '
    folder=$1
    mount --make-rprivate /
    mkdir -p $folder/over $folder/root
    mount -t tmpfs tmpfs $folder/over
    mkdir $folder/over/upper $folder/over/work
    cp -a $folder/tree/. $folder/over/upper/
    mount -t overlay overlay -o lowerdir=/,upperdir=$folder/over/upper,workdir=$folder/over/work $folder/root
    cd $folder/root
    mount -t proc proc proc
    mount -t sysfs sysfs sys
    mount -t tmpfs tmpfs run
    mount --bind $folder/shared mnt
    mount -t tmpfs tmpfs tmp
    mount --rbind /dev dev
    if [ -e /sys/fs/cgroup/cgroup.procs ]; then
        mount -t cgroup2 cgroup2 sys/fs/cgroup
    else
        mount -t tmpfs tmpfs sys/fs/cgroup
        mkdir sys/fs/cgroup/systemd sys/fs/cgroup/unified
        mount -t cgroup -o none,name=systemd systemd sys/fs/cgroup/systemd
        mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
    fi
    mkdir -p .host
    pivot_root . .host
    umount -l /.host
    exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        /lib/systemd/systemd --system --unit=quotewire.target --show-status=no --crash-reboot=no
' sh "$folder"
