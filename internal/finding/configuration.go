package finding

// configuration are the codes about what is compared with verify --plan.
func configuration() []Entry {
	return []Entry{
		{Code: "CONFIG_DRIFT", Severity: "error", Group: ofCompared,
			Meaning: "verify --plan: an object on a node or in the cluster is not as the file says; `apply` would change it",
			Do:      "`hadeploy plan` shows it in full; then `hadeploy apply`, or change the file",
			Explain: `Looks at: everything that plan compares: packages, files, services, corosync.conf, and each option, operation and
constraint of the live configuration. One finding for each object, with what the file declares and what is there; of a
secret only whether it differs.

Why: the cluster may run well and yet not as the file says. Somebody changed it by hand, or the file has moved on and
was never applied. The next apply would change it back, perhaps at a bad time.

Look closer:
  hadeploy plan cluster.yaml       (before and after, and what Pacemaker would do about it)
  git log -p cluster.yaml; pcs config

Mend, safest first: find out who changed it and why. If the file is right: hadeploy apply, at a time that its plan
allows. If the cluster is right: write it into the file.

May be left: when the file was changed and its apply is still to come.`},
		{Code: "CONFIG_UNKNOWN", Severity: "error", Group: ofCompared,
			Meaning: "verify --plan: a node could not be read, or no plan could be made, so it is not known whether that is as declared",
			Do:      "`hadeploy plan` fails in the same way; mend what it says",
			Explain: `Looks at: whether the nodes can be read in full, and whether what the file declares can be built and held against it.

Why: what was not compared may be what differs. Where one node could not be read, the others and the cluster's own
configuration were compared; corosync.conf, authentication and membership were not. The other checks still say whether
the cluster does its work.

Look closer:
  hadeploy plan cluster.yaml
  hadeploy validate cluster.yaml

Mend: what the message names: a node that was lost while it was read, an option that the installed agent does not know,
an agent that a node does not have. Then verify again.

May be left: no; a comparison that cannot be made finds no drift.`},
	}
}
