import { type AssertionGeneration, detectAssertionGeneration } from 'agent-identity-core';
import { verificationError } from './errors.js';

/** The credentials of a request, by the form in which they came. All values are **secrets**. */
export type Credentials =
  | { readonly generation: 1; readonly headerValue: string }
  | {
      readonly generation: 2;
      /** The value of `Authorization`, `AgentAssertion 1.…`. Beside a bearer token, the same with the word added. */
      readonly headerValue: string;
      /** The value of `Authorization` if the assertion came in `x-openai-agent-assertion`; may be missing. */
      readonly bearerHeader: { readonly value: string | undefined } | undefined;
    };

/**
 * Reads which credentials a request has, and requires a generation that the service accepts.
 *
 * @throws AgentIdentityError `missing_assertion`, `unsupported_scheme`, `malformed_assertion`, `generation_not_accepted`
 */
export function readCredentials(
  authorization: string | null | undefined,
  instanceAssertion: string | null | undefined,
  accepted: readonly AssertionGeneration[],
): Credentials {
  const credentials = instanceAssertion
    ? readDualHeader(authorization || undefined, instanceAssertion)
    : readAuthorization(authorization || undefined);
  if (accepted.includes(credentials.generation)) return credentials;
  throw verificationError(
    'generation_not_accepted',
    `expected an assertion of generation ${accepted.join(' or ')}, got one of generation ${credentials.generation}`,
  );
}

function readAuthorization(headerValue: string | undefined): Credentials {
  if (headerValue === undefined) {
    throw verificationError('missing_assertion', 'expected an Authorization header, got none');
  }
  requireSupportedScheme(headerValue);
  return detectAssertionGeneration(headerValue) === 2
    ? { generation: 2, headerValue, bearerHeader: undefined }
    : { generation: 1, headerValue };
}

function readDualHeader(authorization: string | undefined, instanceAssertion: string): Credentials {
  if (detectAssertionGeneration(authorization) !== undefined) {
    throw verificationError(
      'malformed_assertion',
      'expected one assertion, got one in Authorization and one in x-openai-agent-assertion',
    );
  }
  return {
    generation: 2,
    headerValue: `${scheme} ${instanceAssertion}`,
    bearerHeader: { value: authorization },
  };
}

const scheme = 'AgentAssertion';

/** The schemes that an error may name. Other text before the first space may be a credential. */
const namedSchemes = ['Bearer', 'Basic', 'Digest', 'DPoP', 'Negotiate'];

/** A client that fell back to another kind of credential gets a separate error code. */
function requireSupportedScheme(headerValue: string): void {
  if (typeof headerValue !== 'string' || headerValue.startsWith(`${scheme} `)) return;
  const sent = headerValue.split(' ', 1)[0]?.toLowerCase();
  // In another case it is the right scheme (RFC 9110 section 11.1) in a form that no client of the protocol writes.
  if (sent === scheme.toLowerCase()) return;
  const name = namedSchemes.find((named) => named.toLowerCase() === sent) ?? 'another scheme or none';
  throw verificationError(
    'unsupported_scheme',
    `Authorization: expected the scheme ${scheme}, got ${name}; the client has fallen back to other credentials or has no agent identity`,
  );
}
