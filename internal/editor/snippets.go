package editor

// snippets are whole pieces to begin with.
func (s *editor) snippets() {
	snippet(s.definition("secret"),
		"env", "from an environment variable", object{"env": "${1:HACLUSTER_PASSWORD}"},
		"file", "from a file of this machine", object{"file": "${1:secrets/hacluster}"},
		"command", "from a program of this machine", object{"command": []any{"${1:pass}", "${2:show}", "${3:hacluster}"}})
	ip := object{"id": "${2:vip}", "agent": "ocf:heartbeat:IPaddr2", "options": object{"ip": "${3:10.0.0.100}", "cidr_netmask": "${4:24}"}, "op": object{"monitor": object{"interval": "10s"}}}
	unit := object{"id": "${5:web}", "agent": "systemd:${6:nginx}"}
	snippet(s.definition("resource"),
		"primitive", "one resource", object{"id": "${1:vip}", "agent": "${2:ocf:heartbeat:IPaddr2}", "options": object{"${3:ip}": "${4:10.0.0.100}"}},
		"group", "an address and a service, started in this order on one node", object{"id": "${1:web-group}", "group": []any{ip, unit}},
		"clone", "a resource that runs on every node", object{"id": "${1:ping-clone}", "clone": object{"id": "${2:ping}", "agent": "${3:ocf:pacemaker:ping}", "options": object{"host_list": "${4:10.0.0.1}"}}},
		"promotable", "a resource that runs on every node, promoted on one", object{"id": "${1:db-clone}", "promotable": object{"id": "${2:db}", "agent": "${3:ocf:heartbeat:pgsql}",
			"op": object{"monitor": []any{object{"interval": "10s", "role": "Promoted"}, object{"interval": "11s", "role": "Unpromoted"}}}}})
	snippet(s.definition("device"),
		"fence_ipmilan", "a node's own board", object{"id": "${1:fence-n1}", "agent": "fence_ipmilan", "options": object{"ip": "${2:10.9.0.1}", "username": "${3:admin}", "password": object{"env": "${4:IPMI_PASSWORD}"}, "pcmk_host_list": "${5:n1}"}})
	constraints := func(kind string) object { return s.at("properties", "constraints", "properties", kind, "items") }
	snippet(constraints("location"), "location", "a preference for a node", object{"resource": "${1:web}", "node": "${2:n1}", "score": "${3:50}"})
	snippet(constraints("colocation"), "colocation", "on the same node", object{"resource": "${1:web}", "with": "${2:vip}", "score": "${3:INFINITY}"})
	snippet(constraints("order"), "order", "one after the other", object{"first": "${1:vip}", "then": "${2:web}"})
	snippet(s.at("properties", "verify", "properties", "probes", "items"),
		"http", "a page that has to answer", object{"http": "${1:http://10.0.0.100/}", "expect_status": 200},
		"tcp", "a port that has to answer", object{"tcp": "${1:10.0.0.100:5432}"})
	snippet(s.at("properties", "files", "items"), "file", "a file of this machine", object{"path": "${1:/etc/app.conf}", "source": "${2:files/app.conf}", "mode": "0644"})
	s.at("properties", "hosts")["default"] = "all"
}

// snippet adds pieces to a schema: label, description and body of each.
func snippet(o object, pieces ...any) {
	for i := 0; i+2 < len(pieces); i += 3 {
		more(o, "defaultSnippets", object{"label": pieces[i], "description": pieces[i+1], "body": pieces[i+2]})
	}
}
