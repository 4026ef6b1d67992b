package pcs

// exitTexts are the words for the exit codes of an agent, in lower case. A
// text for people gives no number.
var exitTexts = map[string]int{
	// 2.0 and 2.1
	"ok": 0, "error": 1, "invalid parameter": 2, "unimplemented feature": 3,
	"insufficient privileges": 4, "not installed": 5, "not configured": 6,
	"not running": 7, "promoted": 8, "promoted (failed)": 9,
	"degraded": 190, "ocf_degraded": 190, "promoted (degraded)": 191,
	// 1.1, where they differ
	"unknown error": 1, "master": 8, "master (failed)": 9, "master (degraded)": 191,
	"failed master": 9, "degraded master": 191, "ocf_timeout": 198,
	// 3.0, which has words for the codes of its own tools as well
	// (crm_exit_str in lib/common/results.c)
	"error occurred": 1, "unimplemented": 3, "failed in promoted role": 9,
	"incorrect usage": 64, "invalid data given": 65, "input file not available": 66,
	"user does not exist": 67, "host does not exist": 68, "necessary service unavailable": 69,
	"internal software bug": 70, "operating system error occurred": 71, "system file not available": 72,
	"cannot create output file": 73, "i/o error occurred": 74, "temporary failure, try again": 75,
	"protocol violated": 76, "invalid configuration": 78,
	"fatal error occurred, will not respawn": 100, "system panic required": 101, "not connected": 102,
	"update was older than existing configuration": 103, "digest mismatch": 104, "no such object": 105,
	"quorum required": 106, "operation not safe": 107, "requested item already exists": 108,
	"multiple items match request": 109, "requested item has expired": 110,
	"requested item is not yet in effect": 111, "could not determine status": 112,
	"not applicable under current conditions": 113, "timeout occurred": 124,
	"service is active but might fail soon": 190, "service is promoted but might fail soon": 191,
	"no exit status available": 193,
	"promoted but failed":      9, "promoted but degraded": 191,
}
