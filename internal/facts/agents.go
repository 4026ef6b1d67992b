package facts

import (
	"strconv"
	"strings"

	"github.com/hadeploy/hadeploy/internal/agent"
)

// Agents are the resource agents that were asked for.
type Agents struct {
	Installed map[string]bool
	// Metadata is what an agent says of itself, of those that were asked for it;
	// Err why it does not.
	Metadata map[string]*agent.Agent
	Err      map[string]*Error
}

func takeAgents(f *Facts, a *answers) {
	f.Agents = Agents{map[string]bool{}, map[string]*agent.Agent{}, map[string]*Error{}}
	const command = "looking for the resource agents"
	ans, ok := a.got("agents", command)
	if !ok {
		return
	}
	for line := range strings.Lines(string(ans.Out)) {
		yes, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if yes != "yes" && yes != "no" {
			a.fail(command, ans, "%s", garbled(line))
			return
		}
		f.Agents.Installed[name] = yes == "yes"
	}
	for _, name := range a.ask.Agents {
		if _, told := f.Agents.Installed[name]; !told {
			a.fail(command, ans, "nothing is said of %s", name)
			return
		}
	}
	for i, name := range a.ask.Metadata {
		frame := "metadata:" + strconv.Itoa(i+1)
		if _, asked := a.frames[frame]; !asked {
			continue // not installed
		}
		a.metadata(&f.Agents, frame, name)
	}
}

// metadata is no error of the observation: an agent may need a package that is
// still to come, so the step that needs the metadata judges.
func (a *answers) metadata(to *Agents, frame, name string) {
	command := "crm_resource --show-metadata " + name
	ans, e := a.look(frame, command)
	if e != nil {
		to.Err[name] = e
		return
	}
	agent, err := agent.Parse(name, ans.Out)
	if err != nil {
		to.Err[name] = ans.wrong(command, err.Error())
		return
	}
	to.Metadata[name] = agent
}
