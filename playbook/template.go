package playbook

import _ "embed"

//go:embed template.yaml
var template string

// Template is a commented playbook to start from.
func Template() string { return template }
