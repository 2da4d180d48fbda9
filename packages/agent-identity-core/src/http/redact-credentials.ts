/** Patterns for credentials with a recognizable form. Each pattern reads a run of characters once, in linear time. */
const credentials: readonly RegExp[] = [
  // JWTs, assertions of both generations, and other text that begins like base64url of a JSON object.
  /\b(?:1\.)?eyJ[\w-]{4,}(?:\.[\w-]*){0,2}/g,
  // PKCS#8 documents of Ed25519 keys, both versions (docs/protocol.md section 2), also escaped in JSON or a URL.
  /\bM(?:C4CAQAw|FECAQEw)[\w+/\\%-]{8,}={0,2}/g,
  // API keys and tokens with well-known prefixes.
  /\b(?:sk|sess)-[\w-]{8,}/g,
];

/** The credentials of an Authorization header echoed back. */
const schemeCredentials = /\b(?:AgentAssertion|Bearer|Basic)\s+([\w\-.~+/]+=*)/gi;

const secretName =
  /(?<![\w-])[\w-]*(?:token|secret|password|passwd|api[_-]?key|private[_-]?key|signature|assertion|authorization|cookie)/;
const separator = /\\*["']?\s*[:=]\s*\\*/;
const value = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\[[^\]]*\]?|[^\s"',&;}\]]+/;

/** A JSON or form member, or a header, that holds a secret by its name. */
const secretMember = new RegExp(`(${secretName.source}${separator.source})(${value.source})`, 'gi');

/** Headers. Their value includes spaces, commas and quotes up to the end of the line. */
const secretHeader =
  /(?<![\w-])((?:proxy-)?authorization|x-openai-agent-assertion|(?:set-)?cookie)(\s*:\s*)([^\r\n]+)/gi;

/**
 * Replaces everything that looks like a credential in text from outside, so that the text can be kept in an error or a
 * log: JWTs, assertions, `Authorization` and cookie values, PKCS#8 keys, API keys, and members named like a secret. Leaves
 * sentences about credentials, such as `invalid_access_token: A valid access token is required.`
 *
 * @example
 * ```ts
 * import { redactCredentials } from 'agent-identity-core/http';
 *
 * redactCredentials('got Authorization: Bearer abc123'); // 'got Authorization: [redacted]'
 * ```
 */
export function redactCredentials(text: string): string {
  return credentials
    .reduce((clean, pattern) => clean.replace(pattern, '[redacted]'), text)
    .replace(secretHeader, (match, name: string, colon: string, content: string) =>
      isSentence(content) ? match : `${name}${colon}[redacted]`,
    )
    .replace(schemeCredentials, (match, secret: string, offset: number, whole: string) => {
      const isWord = isWordBefore(secret, whole.slice(offset + match.length, offset + match.length + 2));
      return isWord || schemeNoun.test(secret) ? match : '[redacted]';
    })
    .replace(secretMember, (match, name: string, secret: string, offset: number, whole: string) => {
      const next = whole.slice(offset + match.length, offset + match.length + 2);
      if (/:\s+$/.test(name) && isWordBefore(secret, next)) return match;
      const quote = /^["']/.exec(secret)?.[0] ?? '';
      return `${name}${quote}[redacted]${quote}`;
    });
}

/** A word of a sentence: short, and letters only, of which only the first may be a capital. */
const word = /^[A-Za-z]?[a-z']{0,14}[.,;:!?]?$/;

/** What follows the name of a scheme in a sentence. */
const schemeNoun = /^(?:tokens?|auth|authentication|authorization|credentials?|headers?|scheme)[.,;:!?]?$/i;

/** Whether a text is a word with another word after it. A secret would hardly be both. */
function isWordBefore(text: string, next: string): boolean {
  return word.test(text) && /^ [A-Za-z]/.test(next);
}

function isSentence(text: string): boolean {
  const words = text.trim().split(/\s+/);
  return words.length > 2 && words.every((part) => word.test(part.replace('AgentAssertion', 'A')));
}
