/** The oldest rejections are forgotten first. */
const capacity = 256;

/** Errors of refresh tokens that an endpoint refused permanently, by digest, for the whole process. */
const rejections = new Map<string, Error>();

/** Returns the error with which this endpoint permanently refused this refresh token. */
export async function findRejection(tokenUrl: string, refreshToken: string): Promise<Error | undefined> {
  return rejections.get(await digest(tokenUrl, refreshToken));
}

export async function rememberRejection(tokenUrl: string, refreshToken: string, error: Error): Promise<void> {
  const [oldest] = rejections.keys();
  if (oldest !== undefined && rejections.size >= capacity) rejections.delete(oldest);
  rejections.set(await digest(tokenUrl, refreshToken), error);
}

/** The token itself is not kept. */
async function digest(tokenUrl: string, refreshToken: string): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([tokenUrl, refreshToken]));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).join();
}
