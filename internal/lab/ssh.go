package lab

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// dialTimeout bounds one attempt to reach a node's sshd.
const dialTimeout = 3 * time.Second

func dialTCP(ctx context.Context, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(addr, "22"))
	if err != nil {
		return nil, err
	}
	// The handshake has no timeout of its own.
	return conn, conn.SetDeadline(time.Now().Add(2 * dialTimeout))
}

// clientConfig logs in as root with the key and the known hosts in dir.
func clientConfig(dir string) (*ssh.ClientConfig, error) {
	data, err := os.ReadFile(filepath.Join(dir, fileKey))
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKey(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, fileKey), err)
	}
	check, err := knownhosts.New(filepath.Join(dir, fileKnownHosts))
	if err != nil {
		return nil, err
	}
	return &ssh.ClientConfig{
		User:            "root",
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback: check,
		Timeout:         dialTimeout,
	}, nil
}

// Run runs a shell command as root on a node and returns what it printed on
// standard output; the error holds the end of its standard error.
func (l *Lab) Run(ctx context.Context, node, script string) (string, error) {
	n, err := l.state.node(node)
	if err != nil {
		return "", err
	}
	config, err := clientConfig(l.state.Dir)
	if err != nil {
		return "", err
	}
	conn, err := dialTCP(ctx, n.Address)
	if err != nil {
		return "", fmt.Errorf("node %s: %w", node, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close()
	c, chans, reqs, err := ssh.NewClientConn(conn, net.JoinHostPort(n.Address, "22"), config)
	if err != nil {
		return "", fmt.Errorf("node %s: %w", node, err)
	}
	client := ssh.NewClient(c, chans, reqs)
	defer client.Close()
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return "", err
	}
	session, err := client.NewSession()
	if err != nil {
		return "", fmt.Errorf("node %s: %w", node, err)
	}
	defer session.Close()
	var out, errOut bytes.Buffer
	session.Stdout, session.Stderr = &out, &errOut
	if err := session.Run(script); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return out.String(), fmt.Errorf("node %s: %w%s", node, err, said(errOut.String()))
	}
	return out.String(), nil
}

func randomHex(n int) (string, error) {
	b := make([]byte, n)
	_, err := rand.Read(b)
	return hex.EncodeToString(b), err
}
