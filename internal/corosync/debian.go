package corosync

// IsDebianDefault reports whether conf is the one-node cluster that Debian's
// corosync package brings and starts: cluster "debian" with the sole node
// node1 at 127.0.0.1 and no encryption (the same file in Debian 11, 12 and
// 13). It is one of several tests that must all hold before such a cluster may
// be removed. A file that cannot be read is not the default.
func IsDebianDefault(conf []byte) bool {
	c, err := Parse(conf)
	if err != nil || c.ClusterName() != "debian" {
		return false
	}
	for _, name := range []string{"crypto_cipher", "crypto_hash"} {
		if v, ok := c.Get("totem." + name); ok && v != "none" {
			return false
		}
	}
	// A cluster that pcs made carries an id, whatever its name.
	if _, ok := c.Get("totem.cluster_uuid"); ok {
		return false
	}
	nodes := c.Nodes()
	return len(nodes) == 1 && nodes[0] == Node{Name: "node1", ID: 1, Addrs: [MaxLinks]string{"127.0.0.1"}}
}
