package cib

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/plan"
)

// parseTransitionXML reads what crm_simulate prints as XML since Pacemaker 2.1.0,
// in the words of its text:
//
//	<rsc_action action="move" resource="web-ip" source="n1" dest="n2" reason="node availability"/>
//	<rsc_action action="promote" resource="db:0" role="Unpromoted" next-role="Promoted" source="n1"/>
//	<node_action task="Fence (reboot)" node="n2" reason="peer is no longer part of the cluster"/>
//
// An answer without its status, or with an action that is not understood, is an
// error.
func parseTransitionXML(text []byte) ([]plan.Impact, error) {
	doc := etree.NewDocument()
	if _, err := doc.ReadFrom(bytes.NewReader(text)); err != nil {
		return nil, fmt.Errorf("the simulator's answer is not whole: %w", err)
	}
	root := doc.SelectElement("pacemaker-result")
	if root == nil || root.SelectElement("status") == nil {
		return nil, errors.New("the simulator's answer is not whole: it has no status")
	}
	if status := root.SelectElement("status"); attr(status, "code") != "0" {
		return nil, fmt.Errorf("the simulator failed: %s", attr(status, "message"))
	}
	var list []plan.Impact
	for _, x := range root.FindElements("actions/*") {
		i, ok := impactXML(x)
		if !ok {
			return nil, fmt.Errorf("the simulator's answer holds an action that is not understood: <%s %s>", x.Tag, attrsText(x))
		}
		list = append(list, i)
	}
	return list, nil
}

func impactXML(x *etree.Element) (plan.Impact, bool) {
	switch x.Tag {
	case "node_action":
		task, node := attr(x, "task"), attr(x, "node")
		if task == "" || node == "" {
			return plan.Impact{}, false
		}
		return impact(task + " " + node + " '" + attr(x, "reason") + "'")
	case "rsc_action":
		action, resource := attr(x, "action"), attr(x, "resource")
		if action == "" || resource == "" {
			return plan.Impact{}, false
		}
		return plan.Impact{Action: strings.ToUpper(action[:1]) + action[1:], Resource: resource, Detail: detailXML(x)}, true
	}
	return plan.Impact{}, false
}

// detailXML is where a resource is and will be, in which roles, and why.
func detailXML(x *etree.Element) string {
	words := func(list ...string) string { return strings.Join(strings.Fields(strings.Join(list, " ")), " ") }
	role, next := attr(x, "role"), attr(x, "next-role")
	node, source, dest := attr(x, "node"), attr(x, "source"), attr(x, "dest")
	var detail string
	switch {
	case next != "" && source != "" && dest != "":
		detail = words(role, source, "->", next, dest)
	case next != "":
		detail = words(role, "->", next, source, dest)
	case dest != "":
		detail = words(source, "->", dest, role)
	default:
		detail = words(role, node, source)
	}
	if reason := attr(x, "reason"); reason != "" {
		detail += " due to " + reason
		if attr(x, "blocked") == "true" {
			detail += " (blocked)"
		}
	} else if attr(x, "blocked") == "true" {
		detail += " blocked"
	}
	return words(detail)
}
