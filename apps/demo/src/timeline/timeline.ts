/** One step of the story, as it went. Holds no secret: values are shortened before they get here. */
export interface TimelineEntry {
  readonly chapter: string;
  /** What is done, in the words of somebody new. */
  readonly title: string;
  readonly sent: string;
  readonly received: string;
  readonly milliseconds: number;
  /** Whether it went as told. */
  readonly asTold: boolean;
}

/** What a step reports of itself. */
interface StepOutcome {
  readonly sent: string;
  readonly received: string;
  /** Throw, or give false, for a step that did not go as told; true by default. */
  readonly asTold?: boolean;
}

export type TimelineListener = (entry: TimelineEntry) => void;

/** Runs the steps of one chapter, times them and tells each as it ends. */
export type Chapter = <Outcome extends StepOutcome>(
  title: string,
  step: () => Outcome | Promise<Outcome>,
) => Promise<Outcome>;

/** A step after which the story cannot go on. Its timeline entry has been told. */
export class StoryEnded extends Error {
  override readonly name = 'StoryEnded';
}

export function chapter(name: string, tell: TimelineListener): Chapter {
  return async (title, step) => {
    const start = performance.now();
    const entry = { chapter: name, title };
    try {
      const outcome = await step();
      const { sent, received, asTold = true } = outcome;
      tell({ ...entry, sent, received, asTold, milliseconds: performance.now() - start });
      return outcome;
    } catch (error) {
      const received = error instanceof Error ? error.message : 'an error';
      tell({ ...entry, sent: '', received, asTold: false, milliseconds: performance.now() - start });
      throw new StoryEnded(title, { cause: error });
    }
  };
}
