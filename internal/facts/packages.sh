# The packages that matter. dpkg-query names those that it does not know on
# standard error, rpm on standard output.
packages_dpkg() { bounded 20 dpkg-query -W -f '${Package}\t${db:Status-Abbrev}\t${Version}\n' -- $packages; }
packages_rpm() { bounded 60 rpm -q --qf '%{NAME}\tii \t%{VERSION}-%{RELEASE}\n' -- $packages; }

if want packages; then
  if command -v dpkg-query >/dev/null; then
    frame dpkg 1048576 packages_dpkg
    frame dpkg-audit 65536 bounded 30 dpkg --audit
  elif command -v rpm >/dev/null; then
    frame rpm 1048576 packages_rpm
  fi
fi
