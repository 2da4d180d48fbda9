/** The end of the program's help. */
export const programHelp = `
header, curl, run and doctor use the login of the Codex client, or the identity in a file. Secrets are never options, because
options show in process lists.

Exit codes:
  0  success
  1  failure
  2  usage: the command line or the form of an input is wrong
  3  invalid: a signature, a JWT, a key or a record is not valid
  4  nothing is logged in, or credentials of another kind
  5  a server refused the identity or the request
  6  a server did not answer, or cannot now: try again later
  7  a file cannot be read or written
  8  config.toml, the environment or a URL is wrong

Examples:
  $ agent-identity keygen --out agent.key
  $ agent-identity inspect < agent.jwt
  $ agent-identity run -- python3 agent.py
  $ agent-identity doctor`;
