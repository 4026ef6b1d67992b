package localfile

import (
	"errors"
	"os"
	"os/user"
)

// Home is the user's home: $HOME, else what the system's table of users says,
// as ssh takes it; jobs of cron, systemd and CI often have no $HOME.
func Home() (string, error) {
	if home, err := os.UserHomeDir(); err == nil {
		return home, nil
	}
	u, err := user.Current()
	if err != nil {
		return "", err
	}
	if u.HomeDir == "" {
		return "", errors.New("$HOME is not set, and the user has no home")
	}
	return u.HomeDir, nil
}
