# The account hacluster. getent ends with 2 when there is none.
if want account; then
  frame passwd 4096 bounded 20 getent passwd hacluster
  frame shadow 4096 bounded 20 getent shadow hacluster
fi
