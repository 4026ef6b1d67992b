package inventory

import _ "embed"

//go:embed template.yaml
var template string

// Template is a commented inventory to start from.
func Template() string { return template }
