import { redactCredentials } from 'agent-identity-core/http';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Members that hold secrets by their names, wherever something puts them into the log. */
const secretMembers = ['authorization', 'jwt', 'token', 'assertion', 'password', 'privateKey', 'masterKey'];

/**
 * A logger of JSON lines. It is given no header, no body and no query of a request; what an error says goes through
 * `redactCredentials`, because drivers quote connection strings and rows.
 */
export function authorityLogger(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      name: 'agent-identity-authority',
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secretMembers.flatMap((name) => [name, `*.${name}`]),
        censor: '[redacted]',
      },
      serializers: { err: describedError },
    },
    destination,
  );
}

interface DescribedError {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
}

/** What is worth keeping of whatever was thrown, without what looks like a credential. */
export function describedError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'what was thrown is no error' };
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    message: redacted(error.message),
    ...(error.stack !== undefined && { stack: redacted(error.stack) }),
    ...(error.cause !== undefined && depth < 3 && { cause: describedError(error.cause, depth + 1) }),
  };
}

/** Besides credentials, the user and password of URLs. */
function redacted(text: string): string {
  return redactCredentials(text.replaceAll(/(\w+:\/\/)[^\s/@]*@/g, '$1[redacted]@'));
}
