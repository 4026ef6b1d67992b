package agent

import (
	"fmt"

	"github.com/hadeploy/hadeploy/internal/diag"
)

type checker struct {
	agents map[string]*Agent
	diags  diag.List
}

func (c *checker) report(sev diag.Severity, pos diag.Pos, path, hint, format string, args ...any) {
	c.diags = append(c.diags, diag.Diagnostic{Pos: pos, Severity: sev, Path: path, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func names(params []Parameter) []string {
	var list []string
	for _, p := range params {
		list = append(list, p.Name)
	}
	return list
}

func actions(a *Agent) (list []string) {
	for _, x := range a.Actions {
		list = append(list, x.Name)
	}
	return list
}
