/** The result of one step. Contains no secret, because values are shortened before they get here. */
export interface TimelineEntry {
  readonly section: string;
  readonly title: string;
  readonly sent: string;
  readonly received: string;
  readonly milliseconds: number;
  /** Whether the result was as expected. */
  readonly passed: boolean;
}

/** The outcome that a step returns. */
interface StepOutcome {
  readonly sent: string;
  readonly received: string;
  /** A step fails by returning false or by throwing. Default: true. */
  readonly passed?: boolean;
}

export type TimelineListener = (entry: TimelineEntry) => void;

/** Runs the steps of one section, times them and reports each when it ends. */
export type Section = <Outcome extends StepOutcome>(
  title: string,
  step: () => Outcome | Promise<Outcome>,
) => Promise<Outcome>;

/** A step threw, so the scenario cannot continue. The step's entry has been reported. */
export class ScenarioAborted extends Error {
  override readonly name = 'ScenarioAborted';
}

export function section(name: string, onStep: TimelineListener): Section {
  return async (title, step) => {
    const start = performance.now();
    const entry = { section: name, title };
    try {
      const outcome = await step();
      const { sent, received, passed = true } = outcome;
      onStep({ ...entry, sent, received, passed, milliseconds: performance.now() - start });
      return outcome;
    } catch (error) {
      const received = error instanceof Error ? error.message : 'an error';
      onStep({ ...entry, sent: '', received, passed: false, milliseconds: performance.now() - start });
      throw new ScenarioAborted(title, { cause: error });
    }
  };
}
