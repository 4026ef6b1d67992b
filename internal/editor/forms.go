package editor

// What a text may be, in the regular expressions of ECMA 262, which know no (?i).
// Each is what hadeploy validate takes (TestValuesAgree), or else a variable.
const (
	variable   = `\$\{`
	switchText = `^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff])$|` + variable
	booleans   = `^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy]([Ee][Ss])?|[Nn][Oo]?|[Oo][Nn]|[Oo][Ff][Ff]|0|1)$|` + variable
	scoreText  = `^[+-]?(INFINITY|[0-9]+)$|` + variable
	wholeText  = `^-?[0-9]+$|` + variable
	noLess     = `^[+]?(INFINITY|[0-9]+)$|^-0+$|` + variable // a score of 0 or more
	natural    = `^[0-9]+$|` + variable
	capacity   = `^[+-]?[0-9]+$|` + variable
	percentage = `^\+?[0-9]+%$|` + variable

	timeUnit  = `[ \t]*([Mm]?[Ss]|[Mm][Ss][Ee][Cc]|[Uu][Ss]([Ee][Cc])?|[Ss][Ee][Cc]|[Mm]([Ii][Nn])?|[Hh][Rr]?)?[ \t]*$|` + variable
	plainTime = `^[ \t]*[0-9]+` + timeUnit
	someTime  = `^[ \t]*0*[1-9][0-9]*` + timeUnit // a timeout of 0 is none
	// An ISO 8601 duration too, for all but the timeout of an operation.
	timeText = `^P(([0-9]+[YMWD])+(T([0-9]+[HMS])+)?|T([0-9]+[HMS])+)$|` + plainTime

	nameText      = `^[A-Za-z0-9_-]{1,32}$|` + variable
	idText        = `^[A-Za-z_][A-Za-z0-9_.-]*$|` + variable
	packageText   = `^[A-Za-z0-9]([A-Za-z0-9._+-]{0,198}[A-Za-z0-9._+])?$|` + variable
	modeText      = `^0?[0-7]{3,4}$|` + variable
	ownerText     = `^[A-Za-z_0-9][A-Za-z0-9_.-]*\$?(:[A-Za-z_0-9][A-Za-z0-9_.-]*)?$|` + variable
	fileText      = `^/.*[^/]$|` + variable
	absolute      = `^/|` + variable
	envText       = `^[A-Za-z_][A-Za-z0-9_]*$|` + variable
	urlText       = `^https?://.+|` + variable
	portText      = `^.+:[0-9]{1,5}$|` + variable
	ownAgentText  = `^ocf::?[A-Za-z0-9_][A-Za-z0-9_.-]*:[A-Za-z0-9_][A-Za-z0-9_.-]*$|` + variable
	ignoredText   = `^(options|meta|op)(\..+)?$|` + variable
	operationText = `^[A-Za-z][A-Za-z0-9_-]*$`
)

// The greatest numbers: of Pacemaker and Corosync, and of seconds.
const (
	maxInt     = 1<<31 - 1
	maxSeconds = 1<<63/1_000_000_000 - 1
)

// matching is a schema of texts of a form; an editor says what that form is.
func matching(pattern string) object {
	o := object{"type": "string", "pattern": pattern}
	if says := complaint(pattern); says != "" {
		o["patternErrorMessage"] = says
	}
	return o
}

// complaint is what an editor says of a text that has not the form, "" for those
// of a variable alone, where the other choices say it.
func complaint(pattern string) string {
	switch pattern {
	case switchText, booleans:
		return "Write true or false."
	case scoreText, noLess:
		return "A score is a whole number, INFINITY or -INFINITY."
	case wholeText, natural, capacity:
		return "Write a whole number."
	case percentage:
		return "Write a percentage such as 80%."
	case plainTime, someTime, timeText:
		return "Write a time such as 30s, 5min or 1h."
	case nameText:
		return "A cluster's name is at most 32 of A-Z a-z 0-9 _ -."
	case idText:
		return "An id is a letter or _, then letters, digits, _ . -"
	case packageText:
		return "Give the package's name alone, without version or architecture."
	case modeText:
		return "Write the mode in octal, such as \"0644\"."
	case ownerText:
		return "Write user or user:group."
	case absolute, fileText:
		return "Write an absolute path on the nodes."
	case envText:
		return "Give the name of the environment variable alone, without $."
	case urlText:
		return "Write it as http://10.0.0.100/."
	case portText:
		return "Write it as 10.0.0.100:5432."
	case ownAgentText:
		return "Write ocf:PROVIDER:TYPE, such as ocf:acme:myapp."
	case ignoredText:
		return "Write options.NAME, meta.NAME or op.NAME, or options, meta or op for all of them."
	case operationText:
		return "This cannot be the name of an operation."
	case resourceName:
		return "Write ocf:PROVIDER:TYPE, such as ocf:heartbeat:IPaddr2, systemd:UNIT or lsb:SCRIPT. Fencing devices stand under stonith.devices."
	case fenceName:
		return "Write fence_NAME, such as fence_ipmilan."
	}
	return ""
}
