/** Does nothing: browsers and workers have no process warnings. Failures are reported to the caller's listeners only. */
export function emitWarning(_message: string): void {}
