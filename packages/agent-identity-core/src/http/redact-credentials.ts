/** Patterns for credentials with a recognizable form. Each pattern reads a run of characters once, in linear time. */
const credentials: readonly RegExp[] = [
  // JWTs, assertions and other text that begins like base64url of a JSON object.
  /\beyJ[\w-]{4,}(?:\.[\w-]*){0,2}/g,
  // The credentials of an Authorization header echoed back.
  /\b(?:AgentAssertion|Bearer|Basic)\s+[\w\-.~+/]+=*/gi,
  // PKCS#8 documents of Ed25519 keys, both versions (docs/protocol.md section 2), also escaped in JSON or a URL.
  /\bM(?:C4CAQAw|FECAQEw)[\w+/\\%-]{8,}={0,2}/g,
  // API keys and tokens with well-known prefixes.
  /\b(?:sk|sess)-[\w-]{8,}/g,
];

const secretName =
  /(?<![\w-])[\w-]*(?:token|secret|password|passwd|api[_-]?key|private[_-]?key|signature|assertion|authorization|cookie)/;
const separator = /\\*["']?\s*[:=]\s*\\*/;
const value = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\[[^\]]*\]?|[^\s"',&;}\]]+/;

/** A JSON or form member, or a header, that holds a secret by its name. */
const secretMember = new RegExp(`(${secretName.source}${separator.source})(${value.source})`, 'gi');

/** Headers. Their value includes spaces, commas and quotes up to the end of the line. */
const secretHeader = /(?<![\w-])((?:proxy-)?authorization|(?:set-)?cookie)(\s*:\s*)[^\r\n]+/gi;

/**
 * Replaces everything that looks like a credential in text from outside, so that the text can be kept in an error or a
 * log: JWTs, assertions, `Authorization` and cookie values, PKCS#8 keys, API keys, and members named like a secret.
 */
export function redactCredentials(text: string): string {
  return credentials
    .reduce((clean, pattern) => clean.replace(pattern, '[redacted]'), text)
    .replace(secretHeader, '$1$2[redacted]')
    .replace(secretMember, (_match, name: string, secret: string) => {
      const quote = /^["']/.exec(secret)?.[0] ?? '';
      return `${name}${quote}[redacted]${quote}`;
    });
}
