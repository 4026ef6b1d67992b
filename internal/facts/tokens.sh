# pcsd's tokens: those that this node holds, and those that it accepts.
if want tokens; then
  frame known-hosts 1048576 one_file /var/lib/pcsd/known-hosts
  frame pcs-users 1048576 one_file /var/lib/pcsd/pcs_users.conf
fi
