// Package integration tests the program itself, as a user runs it, against
// real nodes: real systemd, sshd, apt, pcs, Corosync and Pacemaker, booted on
// this machine by hadeploy lab. It needs root on Linux; without it every test
// is skipped and says so.
package integration
