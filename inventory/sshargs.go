package inventory

import (
	"regexp"
	"slices"
	"strings"
)

// sshOption is an option of ssh with its value, and the variable that it
// stands in.
type sshOption struct {
	setting
	name string // of ssh_config, in lower case: port, user, identityfile
	told string // as it was written: -p, Port
	text string // the value
}

// sshOptions are in the order in which Ansible gives them to ssh; what
// variables say comes after those of ansible_ssh_args and before the others.
type sshOptions struct{ before, after []sshOption }

func (o sshOptions) all() []sshOption { return append(slices.Clone(o.before), o.after...) }

// firstOf is the value that ssh takes, which is the first that it is given.
// Source: ansible/plugins/connection/ssh.py, _build_command.
func (o sshOptions) firstOf(name string, variable *sshOption) (sshOption, bool) {
	list := slices.Clone(o.before)
	if variable != nil {
		variable.name = name
		list = append(list, *variable)
	}
	for _, option := range append(list, o.after...) {
		if option.name == name {
			return option, true
		}
	}
	return sshOption{}, false
}

// scalarOr is a variable as an option, nil when it is not given.
func (r *reader) scalarOr(names ...string) *sshOption {
	s, ok := r.scalar(names...)
	if !ok {
		return nil
	}
	return &sshOption{setting: s, text: s.Value.Text}
}

// sshArgs takes the arguments of ssh apart, and says which of them are not
// used and would lead to another host, or in as another user.
func (r *reader) sshArgs() (o sshOptions) {
	for _, name := range []string{"ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"} {
		s, ok := r.scalar(name)
		if !ok {
			continue
		}
		options, err := parseSSHArgs(s)
		if err != nil {
			r.fail(s, "", "%v", err)
			continue
		}
		for _, option := range options {
			if r.follow(option) {
				if name == "ansible_ssh_args" {
					o.before = append(o.before, option)
				} else {
					o.after = append(o.after, option)
				}
			}
		}
	}
	return o
}

// withValue are the letters of ssh's options that take a value.
// Source: ssh(1) of OpenSSH 9.
const withValue = "BbcDEeFIiJLlmOopQRSWw"

// letters are options of ssh that ssh_config has too.
var sshLetters = map[byte]string{'p': "port", 'l': "user", 'i': "identityfile", 'F': "-F", 'J': "proxyjump", 'W': "-W",
	'b': "bindaddress", 'B': "bindinterface", 'I': "pkcs11provider", '4': "-4", '6': "-6", 'S': "controlpath"}

func parseSSHArgs(s setting) ([]sshOption, error) {
	words, err := shellWords(s.Value.Text, false)
	if err != nil {
		return nil, err
	}
	var out []sshOption
	for i := 0; i < len(words); i++ {
		w := words[i].text
		if len(w) < 2 || w[0] != '-' {
			if w != "" {
				out = append(out, sshOption{s, "-", w, ""})
			}
			continue
		}
		for at := 1; at < len(w); at++ { // -4C is two options, -oX=y and -p22 have their value
			letter := w[at]
			option := sshOption{setting: s, told: "-" + string(letter), name: sshLetters[letter]}
			if !strings.ContainsRune(withValue, rune(letter)) {
				out = append(out, option)
				continue
			}
			if option.text = w[at+1:]; option.text == "" && i+1 < len(words) {
				i++
				option.text = words[i].text
			}
			if letter == 'o' {
				option.told, option.text = cutOption(option.text)
				option.name = strings.ToLower(option.told)
				if jump := jumpOf(option.text); option.name == "proxycommand" && jump != "" {
					option.name, option.text = "proxyjump", jump
				}
			}
			out = append(out, option)
			break
		}
	}
	return out, nil
}

// harmless are options that change neither where ssh goes nor as whom. All
// options that are in neither list are said to be ignored.
var harmless = []string{"", "controlmaster", "controlpersist", "controlpath", "compression", "connecttimeout", "connectionattempts",
	"serveraliveinterval", "serveralivecountmax", "tcpkeepalive", "loglevel", "batchmode", "forwardagent", "forwardx11", "forwardx11trusted",
	"requesttty", "sendenv", "setenv", "escapechar", "visualhostkey", "updatehostkeys", "checkhostip", "hashknownhosts", "verifyhostkeydns",
	"ciphers", "macs", "kexalgorithms", "rekeylimit", "ipqos", "logverbose", "gssapiauthentication", "gssapidelegatecredentials",
	"kbdinteractiveauthentication", "challengeresponseauthentication", "passwordauthentication", "pubkeyauthentication",
	"preferredauthentications", "numberofpasswordprompts", "addkeystoagent", "exitonforwardfailure", "permitlocalcommand", "identitiesonly"}

// follow says of one option when it is not followed, and reports whether it is
// used.
func (r *reader) follow(o sshOption) bool {
	ignored := func(what, hint string) bool {
		r.warnAt(o.from, o.from.doc.Pos(o.Value), o.path, hint, "%s is ignored here", what)
		return false
	}
	inConfig := "put it for these hosts into ~/.ssh/config, which is read"
	switch o.name {
	case "port", "user", "identityfile", "userknownhostsfile":
		return true
	case "stricthostkeychecking":
		if v := strings.ToLower(o.text); v == "no" || v == "off" {
			return ignored(o.told+"="+o.text, "host keys are always checked; pin them in known_hosts")
		}
		return false
	case "-F":
		if o.text == "none" || o.text == "~/.ssh/config" {
			return false
		}
		return ignored("-F "+o.text, "put what it says of these hosts into ~/.ssh/config, which is read")
	case "proxyjump":
		if jumpText.MatchString(o.text) {
			return true
		}
		r.fail(o.setting, "write USER@HOST:PORT, several with commas", "%q is no jump host", o.text)
		return false
	case "proxycommand", "-W":
		return ignored(o.told, "use -o ProxyJump=USER@HOST, here or in ~/.ssh/config")
	case "hostname":
		return ignored(o.told+"="+o.text, "set ansible_host")
	case "-":
		return ignored(o.told, "write an option as -o NAME=VALUE")
	}
	if slices.Contains(harmless, o.name) {
		return false
	}
	return ignored(o.told, inConfig)
}

// jumpText is a jump host, or several, as ssh's ProxyJump has them.
var jumpText = regexp.MustCompile(`^[A-Za-z0-9_\[][A-Za-z0-9_.:@,%\[\]-]*$`)

// jumpOf is the jump host of a ProxyCommand that only goes through one, "" of
// any other: ssh -W %h:%p USER@HOST, ssh USER@HOST nc %h %p.
func jumpOf(command string) string {
	words, err := shellWords(command, false)
	if err != nil || len(words) == 0 || words[0].text != "ssh" && words[0].text != "/usr/bin/ssh" {
		if strings.EqualFold(command, "none") {
			return "none"
		}
		return ""
	}
	var rest []string
	user, port, through := "", "", false
	for i := 1; i < len(words); i++ {
		w := words[i].text
		value := func() string { // -p22 and -p 22
			if len(w) > 2 || i+1 == len(words) {
				return w[2:]
			}
			i++
			return words[i].text
		}
		switch {
		case len(rest) > 0 || len(w) < 2 || w[0] != '-':
			rest = append(rest, w)
		case strings.Trim(w[1:], "qCTxaAk") == "":
		case w[1] == 'W':
			through = value() == "%h:%p"
		case w[1] == 'p':
			port = value()
		case w[1] == 'l':
			user = value()
		default:
			return ""
		}
	}
	if !through && len(rest) == 4 && (rest[1] == "nc" || rest[1] == "netcat") && rest[2] == "%h" && rest[3] == "%p" {
		rest, through = rest[:1], true
	}
	if !through || len(rest) != 1 {
		return ""
	}
	jump := rest[0]
	if user != "" && !strings.Contains(jump, "@") {
		jump = user + "@" + jump
	}
	if port != "" {
		jump += ":" + port
	}
	return jump
}

// identities takes the key of -i where no variable names one.
func (r *reader) identities(n *Node, args sshOptions) {
	for _, o := range args.all() {
		if o.name != "identityfile" || o.text == "none" {
			continue
		}
		path := o.from.under(o.text)
		switch n.KeyFile {
		case "":
			n.KeyFile = path
		case path:
		default:
			r.warnAt(o.from, o.from.doc.Pos(o.Value), o.path, "name the one key in ansible_ssh_private_key_file; keys of an agent and of ~/.ssh/config are tried too",
				"a second key is named here, and only %s is used", n.KeyFile)
		}
	}
}

// knownHosts are the files of -o UserKnownHostsFile.
func (r *reader) knownHosts(args sshOptions) (files []string) {
	for _, o := range args.all() {
		if o.name != "userknownhostsfile" {
			continue
		}
		for _, f := range strings.Fields(o.text) {
			if f == "/dev/null" || f == "none" {
				r.warnAt(o.from, o.from.doc.Pos(o.Value), o.path, "host keys are always checked; ssh-keyscan HOST >> known_hosts, after comparing the fingerprints",
					"UserKnownHostsFile=%s is ignored here", f)
				continue
			}
			files = append(files, o.from.under(f))
		}
	}
	return files
}

// cutOption takes Name=value or "Name value" apart.
func cutOption(option string) (name, value string) {
	option = strings.TrimSpace(option)
	i := strings.IndexAny(option, "= \t")
	if i < 0 {
		return option, ""
	}
	return option[:i], strings.Trim(strings.TrimLeft(option[i:], "= \t"), `"`)
}
