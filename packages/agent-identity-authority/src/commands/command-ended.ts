/** Thrown by a command that has printed its result, and ends with another exit code than 0. */
export class CommandEnded {
  readonly exitCode: number;

  constructor(exitCode: number) {
    this.exitCode = exitCode;
  }
}
