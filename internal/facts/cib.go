package facts

import (
	"bytes"
	"strings"

	"github.com/hadeploy/hadeploy/internal/cib"
)

// CIB is the configuration as the node has it.
type CIB struct {
	Live   *cib.CIB // nil: Pacemaker does not run
	Disk   *cib.CIB // what a start would read; nil: none, or it runs
	OnDisk bool     // cib.xml exists
}

func takeCIB(f *Facts, a *answers) {
	f.CIB = CIB{}
	f.CIB.OnDisk = a.either("cib-file", "stat /var/lib/pacemaker/cib/cib.xml", "present", "absent")
	ans, asked := a.frames["cib"]
	state, rest, whole := bytes.Cut(ans.Out, []byte("\n"))
	active, told := strings.CutPrefix(string(state), "ActiveState=")
	if asked && (!whole || !told || active == "") {
		a.fail("systemctl show pacemaker.service", ans, "did not tell whether Pacemaker runs")
		return
	}
	command := "reading /var/lib/pacemaker/cib/cib.xml"
	runs := Unit{Active: active}.Alive()
	if runs {
		command = "cibadmin --query"
	}
	if _, ok := a.got("cib", command); !ok {
		return
	}
	if !runs {
		f.CIB.Disk = a.cibOnDisk(rest, command)
		return
	}
	live, err := cib.Parse(bytes.TrimSpace(rest))
	if err != nil {
		a.fail(command, ans, "answered with something else than a CIB: %v", err)
		return
	}
	f.CIB.Live = live
}

func (a *answers) cibOnDisk(out []byte, command string) *cib.CIB {
	file, e := fileOf(out, command)
	if e != nil {
		a.errs = append(a.errs, e)
		return nil
	}
	if !file.exists || len(bytes.TrimSpace(file.data)) == 0 {
		return nil
	}
	disk, err := cib.Parse(file.data)
	if err != nil {
		a.fail(command, a.frames["cib"], "it is no CIB: %v", err)
		return nil
	}
	return disk
}
