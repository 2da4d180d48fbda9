/**
 * Whether a key or token of the session may be a JWT, or what is left of one. API keys and personal access tokens are
 * not JWTs, and an Agent Identity JWT carries the agent's private key, so nothing that looks like one is sent.
 */
export function mayBeJwt(token: string): boolean {
  return token.startsWith('eyJ') || token.split('.').length === 3 || carriesAgentKey(token);
}

/**
 * Whether a token is an Agent Identity JWT, by the claim that holds the private key; also where it is cut. For tokens
 * that may well be JWTs of another kind: a ChatGPT access token, and what a provider has of its own.
 */
export function carriesAgentKey(token: string): boolean {
  // A part that was cut at its beginning may be read at any of four alignments.
  return token
    .split('.')
    .some((part) => [0, 1, 2, 3].some((start) => namesAgentKey(decoded(part.slice(start)))));
}

function namesAgentKey(json: string): boolean {
  return json
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .includes('agent_private_key');
}

/** As far as it is base64url; characters that are not are read as the end. */
function decoded(part: string): string {
  const [text = ''] = part
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .split(/[^A-Za-z0-9+/]/);
  return atob(text.slice(0, text.length - (text.length % 4 === 1 ? 1 : 0)));
}
