# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a container's processes may ask the kernel for: docker's default denials, by subject. compile.c reads
# this when boxtop is built and makes the BPF program that confine.c installs.
#
#   allow TITLE: NAME...
#   errno ERRNO [unless CAPABILITY|...] TITLE: NAME...
#                                           refused with that answer, but not to who has such a capability
#   when NAME argN has|is|not NUMBER... errno ERRNO [unless CAPABILITY|...]
#                                           refused if the argument has one of those bits, is one of those numbers,
#                                           is none of them; allowed otherwise
# A line that begins with a blank goes on with the one before. A call that is not named here gets ENOSYS:
# programs know what to do without a call that does not exist yet. NAME=NUMBER is for calls younger than the
# libseccomp that boxtop is built with; from 424 on a number is the same on every architecture.
# ARCH:NAME=NUMBER: on that one only.

allow files: access chdir chmod chown chown32 chroot close close_range copy_file_range creat dup dup2 dup3
    faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2=452 fchown
    fchown32 fchownat fcntl fcntl64 fdatasync file_getattr=468 file_setattr=469 flock fstat fstat64
    fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents getdents64 lchown
    lchown32 link linkat _llseek lseek lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at
    newfstatat oldfstat oldlstat oldstat open openat openat2 pread64 preadv preadv2 pwrite64 pwritev
    pwritev2 read readahead readdir readlink readlinkat readv rename renameat renameat2 rmdir sendfile
    sendfile64 splice stat stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs tee
    truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes vmsplice write writev
allow extended attributes: fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat=464 lgetxattr
    listxattr listxattrat=465 llistxattr lremovexattr lsetxattr removexattr removexattrat=466 setxattr
    setxattrat=463
allow watching: fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
allow waiting for many: epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd
    eventfd2 _newselect poll ppoll ppoll_time64 pselect6 pselect6_time64 select
allow asynchronous files: io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup
    io_submit
allow memory: brk cachestat=451 madvise map_shadow_stack=453 membarrier memfd_create memfd_secret mincore
    mlock mlock2 mlockall mmap mmap2 mprotect mremap mseal=462 msync munlock munlockall munmap pkey_alloc
    pkey_free pkey_mprotect process_mrelease remap_file_pages
allow talking: accept accept4 bind connect getpeername getsockname getsockopt listen pipe pipe2 recv
    recvfrom recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketpair
allow System V and POSIX queues: ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64
    mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop
    semtimedop_time64 shmat shmctl shmdt shmget
allow signals: alarm getitimer kill pause pidfd_send_signal restart_syscall rt_sigaction rt_sigpending
    rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
    rt_tgsigqueueinfo setitimer sgetmask sigaction sigaltstack signal signalfd signalfd4 sigpending
    sigprocmask sigreturn sigsuspend ssetmask tgkill tkill
allow processes: execve execveat exit exit_group fork getpgid getpgrp getpid getppid getsid gettid
    pidfd_open setpgid setsid vfork wait4 waitid waitpid
allow threads: arch_prctl futex futex_requeue=456 futex_time64 futex_wait=455 futex_waitv futex_wake=454
    get_robust_list get_thread_area modify_ldt rseq set_robust_list set_thread_area set_tid_address
allow scheduling: getcpu getpriority ioprio_get ioprio_set nice sched_get_priority_max
    sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
    sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
    sched_setscheduler sched_yield setpriority
allow who and how much: capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups
    getgroups32 getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getuid getuid32 prlimit64
    setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32
    setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setuid setuid32 ugetrlimit
allow own confinement: landlock_add_rule landlock_create_ruleset landlock_restrict_self prctl seccomp
# Reading the clock's state is theirs; setting it takes CAP_SYS_TIME, which they lack.
allow time: adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime
    clock_gettime64 clock_nanosleep clock_nanosleep_time64 gettimeofday nanosleep time timer_create
    timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create
    timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times
allow about the machine: getrandom oldolduname olduname sysinfo uname
# Debuggers work inside, among the container's own processes. The two probes are only ever called by code
# that the kernel itself put into a process.
allow debugging: process_vm_readv process_vm_writev ptrace x86_64:uprobe=336 x86_64:uretprobe=335

# Nobody has those capabilities unless --cap-add gave them.
errno EPERM unless SYS_ADMIN namespaces: setns unshare
errno EPERM the root: pivot_root
errno EPERM unless SYS_ADMIN mounts: fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree
    open_tree_attr=467 umount umount2
errno EPERM unless DAC_READ_SEARCH files by handle, past every path: open_by_handle_at
errno EPERM unless SYS_ADMIN watching whole file systems, and older ways to measure: fanotify_init
    lookup_dcookie
errno EPERM keys, which know no namespace: add_key keyctl request_key
errno EPERM unless SYS_ADMIN|BPF code for the kernel: bpf
errno EPERM unless SYS_MODULE modules: delete_module finit_module init_module
errno EPERM another kernel: create_module get_kernel_syms kexec_file_load kexec_load query_module
errno EPERM ways around this filter: io_uring_enter io_uring_register io_uring_setup
errno EPERM unless SYS_ADMIN|PERFMON measuring the kernel: perf_event_open
errno EPERM stopping the kernel: userfaultfd
errno EPERM unless SYS_NICE where memory lies: get_mempolicy mbind set_mempolicy set_mempolicy_home_node=450
errno EPERM memory of other places: migrate_pages move_pages
errno EPERM unless SYS_PTRACE looking into others: kcmp pidfd_getfd process_madvise
errno EPERM unless SYS_TIME the machine's clock: clock_settime clock_settime64 settimeofday stime
errno EPERM unless SYS_PACCT its accounting: acct
errno EPERM unless SYS_ADMIN its names and quotas: quotactl quotactl_fd setdomainname sethostname
errno EPERM unless SYS_BOOT its end: reboot
errno EPERM unless SYS_ADMIN|SYSLOG its messages: syslog
errno EPERM unless SYS_TTY_CONFIG its terminals: vhangup
errno EPERM the machine itself: swapoff swapon
errno EPERM unless SYS_RAWIO its hardware: ioperm iopl
errno EPERM its real mode: vm86 vm86old
errno EPERM what nobody should need: bdflush nfsservctl sysfs _sysctl uselib ustat

# Flags behind a pointer can't be looked at: with ENOSYS libc takes clone, whose flags can.
errno ENOSYS unless SYS_ADMIN asks again in another way: clone3
# Answers that libc and libmount have from /proc as well.
errno ENOSYS not needed yet: listmount=458 lsm_get_self_attr=459 lsm_list_modules=461 lsm_set_self_attr=460
    statmount=457
errno ENOSYS names without a call: afs_syscall break epoll_ctl_old epoll_wait_old ftime getpmsg gtty idle
    lock mpx prof profil putpmsg security stty tuxcall ulimit vserver

# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
when clone arg0 has 0x7e020000 errno EPERM unless SYS_ADMIN
# AF_ALG: the kernel's own cipher code, a way to the page cache of others. AF_VSOCK: past the network
# namespace to the hypervisor.
when socket arg0 is 38 40 errno EPERM
# The 32-bit way to call socket() (1) hides the family behind a pointer, so it would open what the line
# above closes. The other half of socketcall works; a libc that knows kernels from 4.3 on asks for socket
# itself.
when socketcall arg0 is 1 errno ENOSYS
# Linux, Linux 32-bit, uname says 2.6, both, ask only. Others turn off the kernel's own protections.
when personality arg0 not 0 8 0x20000 0x20008 0xffffffff errno EPERM
# TIOCSTI types into the terminal as its user would.
when ioctl arg1 is 0x5412 errno EPERM
