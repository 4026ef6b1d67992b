//go:build linux

package integration

// kindCase is one kind of object: what a playbook says that has one, and what
// one says in which it is another. The ids begin with k- and the kind, so that
// what fails names it.
type kindCase struct {
	created, changed string
	// create and change are what a person types where pcs has no command.
	create, change string
	// byHand makes one that no playbook can declare, and that is only pruned.
	byHand string
	// prune selects it; else KIND,*k-* does.
	prune string
}

const (
	dummy = `agent: "ocf:pacemaker:Dummy"`
	lamp  = "options: {pcmk_host_list: n1 n2 n3" // of a fencing device that stands at no node
)

// kindCases are the kinds that a rule of prune can name. To add one: what
// declares it, created and changed.
var kindCases = map[string]kindCase{
	"property": {
		created: "properties: {cluster-delay: 70s, batch-limit: 20}",
		changed: "properties: {cluster-delay: 80s, batch-limit: 20}",
		prune:   "property,cluster-delay property,batch-limit",
	},
	"resource default": {
		created: "resource_defaults: [{meta: {resource-stickiness: 50}}, {id: k-defaults, meta: {failure-timeout: 100s}}]",
		changed: "resource_defaults: [{meta: {resource-stickiness: 60}}, {id: k-defaults, meta: {failure-timeout: 110s}}]",
		prune:   "resource-default,resource-stickiness resource-default,failure-timeout",
	},
	"operation default": {
		created: "operation_defaults: [{meta: {timeout: 40s}}, {id: k-op-defaults, meta: {record-pending: true}}]",
		changed: "operation_defaults: [{meta: {timeout: 50s}}, {id: k-op-defaults, meta: {record-pending: false}}]",
		prune:   "operation-default,timeout operation-default,record-pending",
	},
	"primitive": {
		created: `resources:
  - id: k-primitive
    ` + dummy + `
    description: the first
    options: {fake: a}
    meta: {priority: 1}
    op: {monitor: {interval: 10s, timeout: 25s}, start: {timeout: 30s}}
    utilization: {cpu: 1}
  - {id: k-primitive-unit, agent: "systemd:postfix"}
`,
		changed: `resources:
  - id: k-primitive
    ` + dummy + `
    description: the first
    options: {fake: b, op_sleep: 0}
    meta: {priority: 2, migration-threshold: 3}
    op: {monitor: [{interval: 11s, timeout: 25s}, {interval: 31s, OCF_CHECK_LEVEL: 5}], start: {timeout: 30s}}
    utilization: {cpu: 2, memory: 1}
  - {id: k-primitive-unit, agent: "systemd:postfix", meta: {target-role: Stopped}}
`,
	},
	"fencing device": {
		created: `stonith: {devices: [{id: k-fencing-device, agent: "stonith:fence_lab", ` + lamp + `}}]}`,
		changed: `stonith: {devices: [{id: k-fencing-device, agent: "stonith:fence_lab", ` + lamp + `, pcmk_delay_max: 5s}, op: {monitor: {interval: 90s}}}]}`,
	},
	"fencing level": {
		created: `stonith:
  devices: [{id: k-level-a, agent: "stonith:fence_lab", ` + lamp + `}}, {id: k-level-b, agent: "stonith:fence_lab", ` + lamp + `}}]
  levels: [{level: 1, target: n1, devices: [k-level-a]}, {level: 2, target_pattern: "^n[12]$", devices: [k-level-a, k-level-b]}]
`,
		changed: `stonith:
  devices: [{id: k-level-a, agent: "stonith:fence_lab", ` + lamp + `}}, {id: k-level-b, agent: "stonith:fence_lab", ` + lamp + `}}]
  levels: [{level: 1, target: n1, devices: [k-level-b, k-level-a]}, {level: 2, target_pattern: "^n[12]$", devices: [k-level-b]}]
`,
		prune: "fencing-level,fl-n1-1 fencing-level,fl-*n.12*",
	},
	"group": {
		created: `resources: [{id: k-group, group: [{id: k-group-a, ` + dummy + `}, {id: k-group-b, ` + dummy + `}], meta: {priority: 1}}]`,
		changed: `resources: [{id: k-group, group: [{id: k-group-b, ` + dummy + `}, {id: k-group-c, ` + dummy + `}, {id: k-group-a, ` + dummy + `}], meta: {priority: 2}}]`,
	},
	"clone": {
		created: `resources: [{id: k-clone, clone: {id: k-cloned, ` + dummy + `}}, {id: k-clone-g, clone: {id: k-clone-group, group: [{id: k-clone-a, ` + dummy + `}]}}]`,
		changed: `resources: [{id: k-clone, clone: {id: k-cloned, ` + dummy + `}, meta: {interleave: true, clone-max: 2}}, {id: k-clone-g, clone: {id: k-clone-group, group: [{id: k-clone-a, ` + dummy + `}, {id: k-clone-b, ` + dummy + `}]}}]`,
	},
	"promotable clone": {
		created: `resources: [{id: k-promotable, promotable: {id: k-promoted, agent: "ocf:pacemaker:Stateful"}, meta: {promoted-max: 1}}]`,
		changed: `resources: [{id: k-promotable, promotable: {id: k-promoted, agent: "ocf:pacemaker:Stateful"}, meta: {promoted-max: 2, notify: true}}]`,
	},
	"node attribute": {
		created: "nodes: {n1: {attributes: {k-site: north}}, n2: {attributes: {k-site: south}}}",
		changed: "nodes: {n1: {attributes: {k-site: west, k-rack: a b}}, n2: {attributes: {k-site: south}}}",
	},
	"node utilization": {
		created: "nodes: {n1: {utilization: {k-slots: 4}}}",
		changed: "nodes: {n1: {utilization: {k-slots: 5}}, n3: {utilization: {k-slots: 1}}}",
	},
	"location constraint": {
		created: `resources: [{id: k-location, ` + dummy + `}, {id: k-location-r, ` + dummy + `}]
constraints:
  location:
    - {resource: k-location, node: n2, score: 20}
    - {resource: k-location-r, rule: "#uname eq n2 or defined k-none", score: 30}
    - {id: k-location-pattern, resource_pattern: "k-location.*", node: n3, score: 5}
`,
		changed: `resources: [{id: k-location, ` + dummy + `}, {id: k-location-r, ` + dummy + `}]
constraints:
  location:
    - {resource: k-location, node: n2, score: -INFINITY}
    - {resource: k-location-r, rule: "#uname eq n2 or defined k-none", score: 40}
    - {id: k-location-pattern, resource_pattern: "k-location.*", node: n3, score: 6}
`,
	},
	"colocation constraint": {
		created: `resources: [{id: k-colocation-a, ` + dummy + `}, {id: k-colocation-b, ` + dummy + `}, {id: k-colocation-c, ` + dummy + `}]
constraints:
  colocation:
    - {resource: k-colocation-b, with: k-colocation-a, score: 50}
    - {id: k-colocation-set, score: 10, sets: [{resources: [k-colocation-a, k-colocation-c], sequential: false}, {resources: [k-colocation-b]}]}
`,
		changed: `resources: [{id: k-colocation-a, ` + dummy + `}, {id: k-colocation-b, ` + dummy + `}, {id: k-colocation-c, ` + dummy + `}]
constraints:
  colocation:
    - {resource: k-colocation-b, with: k-colocation-a}
    - {id: k-colocation-set, score: 20, sets: [{resources: [k-colocation-a, k-colocation-c]}, {resources: [k-colocation-b]}]}
`,
	},
	"order constraint": {
		created: `resources: [{id: k-order-a, ` + dummy + `}, {id: k-order-b, ` + dummy + `}, {id: k-order-c, ` + dummy + `}]
constraints:
  order:
    - {first: k-order-a, then: k-order-b, kind: Optional}
    - {id: k-order-set, sets: [{resources: [k-order-a, k-order-b], sequential: false}, {resources: [k-order-c]}]}
`,
		changed: `resources: [{id: k-order-a, ` + dummy + `}, {id: k-order-b, ` + dummy + `}, {id: k-order-c, ` + dummy + `}]
constraints:
  order:
    - {first: k-order-a, then: k-order-b, symmetrical: false}
    - {id: k-order-set, sets: [{resources: [k-order-a, k-order-b], sequential: false, require_all: false}, {resources: [k-order-c]}]}
`,
	},
	"ticket constraint": {
		created: `resources: [{id: k-ticket, ` + dummy + `}]
constraints: {ticket: [{ticket: k-site, resource: k-ticket}, {id: k-ticket-set, ticket: k-other, sets: [{resources: [k-ticket]}]}]}
`,
		changed: `resources: [{id: k-ticket, ` + dummy + `}]
constraints: {ticket: [{ticket: k-site, resource: k-ticket, loss_policy: freeze}, {id: k-ticket-set, ticket: k-other, loss_policy: stop, sets: [{resources: [k-ticket]}]}]}
`,
	},
	"tag": {
		created: `resources: [{id: k-tagged, ` + dummy + `}]
tags: [{id: k-tag, resources: [k-tagged]}]
`,
		changed: `resources: [{id: k-tagged, ` + dummy + `}]
tags: [{id: k-tag, resources: [stays, k-tagged]}]
`,
	},
	"acl role": {
		created: `acls: {roles: [{id: k-acl-role, description: may look, permissions: [{kind: read, xpath: /cib}]}]}`,
		changed: `acls: {roles: [{id: k-acl-role, description: may look, permissions: [{kind: deny, xpath: //acls}, {kind: write, reference: stays}]}]}`,
	},
	"acl target": {
		created: `acls: {roles: [{id: k-acl-target-role}], users: [{id: k-acl-target, roles: [k-acl-target-role]}]}`,
		changed: `acls: {roles: [{id: k-acl-target-role}, {id: k-acl-target-more}], users: [{id: k-acl-target, roles: [k-acl-target-more]}]}`,
	},
	"acl group": {
		created: `acls: {roles: [{id: k-acl-group-role}], groups: [{id: k-acl-group}]}`,
		changed: `acls: {roles: [{id: k-acl-group-role}], groups: [{id: k-acl-group, roles: [k-acl-group-role]}]}`,
	},
	"alert": {
		created: `alerts: [{id: k-alert, path: /bin/true, options: {a: 1}, meta: {timeout: 15s}, recipients: [{id: k-alert-to, value: x}, {value: y}]}]`,
		changed: `alerts: [{id: k-alert, path: /bin/true, description: changed, options: {a: 2, b: c d}, recipients: [{id: k-alert-to, value: z, meta: {timeout: 5s}}]}]`,
	},
	"property set": {
		created: "property_sets: [{id: k-property-set, rule: date-spec hours=22-23, options: {batch-limit: 10}}]",
		changed: "property_sets: [{id: k-property-set, rule: date-spec hours=22-23, options: {batch-limit: 11}}]",
		create:  `cibadmin --create --scope crm_config --xml-text '<cluster_property_set id="k-property-set"><rule id="k-property-set-rule" boolean-op="and" score="INFINITY"><date_expression id="k-property-set-rule-expr" operation="date_spec"><date_spec id="k-property-set-rule-expr-datespec" hours="22-23"/></date_expression></rule><nvpair id="k-property-set-batch-limit" name="batch-limit" value="10"/></cluster_property_set>'`,
		change:  `cibadmin --modify --scope crm_config --xml-text '<nvpair id="k-property-set-batch-limit" value="11"/>'`,
	},
	"resource default set": {
		created: "resource_defaults: [{id: k-resource-default-set, rule: resource ocf:pacemaker:Stateful, meta: {resource-stickiness: 9}}]",
		changed: "resource_defaults: [{id: k-resource-default-set, score: 5, rule: resource ocf:pacemaker:Stateful, meta: {resource-stickiness: 9}}]",
	},
	"operation default set": {
		created: "operation_defaults: [{id: k-operation-default-set, rule: op start, meta: {timeout: 99s}}]",
		changed: "operation_defaults: [{id: k-operation-default-set, rule: op start, meta: {timeout: 98s, on-fail: restart}}]",
	},
	"template": {
		created: `templates: [{id: k-template, agent: "ocf:heartbeat:Dummy", options: {fake: a}}]
resources: [{id: k-template-use, template: k-template}]
`,
		changed: `templates: [{id: k-template, agent: "ocf:heartbeat:Dummy", options: {fake: b}}]
resources: [{id: k-template-use, template: k-template}]
`,
		create: `cibadmin --create --scope resources --xml-text '<template id="k-template" class="ocf" provider="heartbeat" type="Dummy"><instance_attributes id="k-template-instance_attributes"><nvpair id="k-template-instance_attributes-fake" name="fake" value="a"/></instance_attributes>` +
			`<operations><op name="migrate_from" interval="0s" timeout="20s" id="k-template-migrate_from-interval-0s"/><op name="migrate_to" interval="0s" timeout="20s" id="k-template-migrate_to-interval-0s"/><op name="monitor" interval="10s" timeout="20s" id="k-template-monitor-interval-10s"/>` +
			`<op name="reload" interval="0s" timeout="20s" id="k-template-reload-interval-0s"/><op name="start" interval="0s" timeout="20s" id="k-template-start-interval-0s"/><op name="stop" interval="0s" timeout="20s" id="k-template-stop-interval-0s"/></operations></template>' && cibadmin --create --scope resources --xml-text '<primitive id="k-template-use" template="k-template"/>'`,
		change: `cibadmin --modify --scope resources --xml-text '<nvpair id="k-template-instance_attributes-fake" value="b"/>'`,
	},
	"option": {
		byHand: `cibadmin --modify --scope resources --xml-text '<group id="stays-group"><instance_attributes id="k-option"><nvpair id="k-option-fake" name="k-fake" value="a"/></instance_attributes></group>'`,
	},
	"instance attributes": {
		byHand: `cibadmin --modify --scope resources --xml-text '<primitive id="stays"><instance_attributes id="k-instance-attributes"><rule id="k-instance-attributes-rule" score="0"><expression id="k-instance-attributes-e" attribute="#uname" operation="eq" value="n9"/></rule><nvpair id="k-instance-attributes-fake" name="fake" value="b"/></instance_attributes></primitive>'`,
	},
	"meta attributes": {
		byHand: `cibadmin --modify --scope resources --xml-text '<primitive id="stays"><meta_attributes id="k-meta-attributes"><rule id="k-meta-attributes-rule" score="0"><date_expression id="k-meta-attributes-date" operation="gt" start="2037-01-01"/></rule><nvpair id="k-meta-attributes-priority" name="priority" value="7"/></meta_attributes></primitive>'`,
	},
}

// kindsElsewhere are those that no case has, and why.
var kindsElsewhere = map[string]string{
	"bundle": "it needs an image and a container's runtime: TestBundle",
	// Of a primitive it is a part like its options.
	"utilization": "no schema of Pacemaker has it anywhere but in primitives, templates and nodes",
}
