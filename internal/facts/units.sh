# systemd's units, in the order they are asked for.
unit_list() { bounded 20 systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState -- $units; }

want units && frame units 262144 unit_list
