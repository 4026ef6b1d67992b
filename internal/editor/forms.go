package editor

// What a text may be, in the regular expressions of ECMA 262, which know no (?i).
// Each is what hadeploy validate takes (TestValuesAgree), or else a variable.
const (
	variable   = `\$\{`
	switchText = `^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff])$|` + variable
	booleans   = `^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy]([Ee][Ss])?|[Nn][Oo]?|[Oo][Nn]|[Oo][Ff][Ff]|0|1)$|` + variable
	scoreText  = `^[+-]?(INFINITY|[0-9]+)$|` + variable
	wholeText  = `^-?[0-9]+$|` + variable
	natural    = `^[0-9]+$|` + variable
	percentage = `^\+?[0-9]+%?$|` + variable

	plainTime = `^[ \t]*[0-9]+[ \t]*([Mm]?[Ss]|[Mm][Ss][Ee][Cc]|[Uu][Ss]([Ee][Cc])?|[Ss][Ee][Cc]|[Mm]([Ii][Nn])?|[Hh][Rr]?)?[ \t]*$|` + variable
	// An ISO 8601 duration too, for all but the timeout of an operation.
	timeText = `^P(([0-9]+[YMWD])+(T([0-9]+[HMS])+)?|T([0-9]+[HMS])+)$|` + plainTime

	nameText      = `^[A-Za-z0-9_-]{1,32}$|` + variable
	idText        = `^[A-Za-z_][A-Za-z0-9_.-]*$|` + variable
	packageText   = `^[A-Za-z0-9]([A-Za-z0-9._+-]{0,198}[A-Za-z0-9._+])?$|` + variable
	modeText      = `^0?[0-7]{3,4}$|` + variable
	ownerText     = `^[A-Za-z_0-9][A-Za-z0-9_.-]*\$?(:[A-Za-z_0-9][A-Za-z0-9_.-]*)?$|` + variable
	fileText      = `^/.*[^/]$|` + variable
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
