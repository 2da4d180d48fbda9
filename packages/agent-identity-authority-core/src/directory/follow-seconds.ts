import { directoryFollowSecondsHeader } from 'agent-identity-verifier/directory-wire';

/** No verifier keeps an entry for longer than this without asking. */
const maxFollowSeconds = 3600;

/** For how many seconds an entry changes only with an event in the stream of changes: not after it has expired. */
export function followSecondsUntil(expiresAt: number | null, now: number): number {
  if (expiresAt === null) return maxFollowSeconds;
  return Math.max(0, Math.min(maxFollowSeconds, Math.floor((expiresAt - now) / 1000)));
}

/** The same for what expires when unused: verifiers that follow must still show that it is in use. */
export function followSecondsOfIdle(idleTtlSeconds: number | undefined): number {
  if (idleTtlSeconds === undefined) return maxFollowSeconds;
  return Math.min(maxFollowSeconds, Math.floor(idleTtlSeconds / 6));
}

/** The header of a response about an entry, unless it may change at any moment. */
export function followHeader(seconds: number): Readonly<Record<string, string>> {
  return seconds > 0 ? { [directoryFollowSecondsHeader]: String(seconds) } : {};
}
