// What is measured of QEMU and of qmpd, in turns and in one run, and how it is told. Only ratios can be compared between
// runs, since the machines that this runs on are shared; so goals are set for ratios, too.

export interface Goal {
  readonly is: 'at least' | 'at most';
  readonly value: number;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** Undefined for what QEMU has no counterpart of. */
  readonly qemu?: number;
  readonly qmpd: number;
  /** Median of the ratios of all rounds, qmpd / QEMU. */
  readonly ratio?: number;
  /** Of the ratio, or of qmpd's own figure where there is no ratio. */
  readonly goal?: Goal;
  readonly met?: boolean;
}

/** One figure of one side, in one round. */
export type Measurement = readonly { readonly name: string; readonly unit: string; readonly value: number }[];
export type Measure = () => Promise<Measurement>;

const rounds = 7;
export const secondsEach = 0.4;

export const atLeast = (value: number): Goal => ({ is: 'at least', value });
export const atMost = (value: number): Goal => ({ is: 'at most', value });

/** Each figure of both sides, measured in turns: the medians. */
export async function inTurns(
  qemu: Measure,
  qmpd: Measure,
  goals: Readonly<Record<string, Goal>> = {},
): Promise<Figure[]> {
  const pairs: [Measurement, Measurement][] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push([await qemu(), await qmpd()]);
  const [[first] = [[]]] = pairs;
  return first.map(({ name, unit }, index) => {
    const values = pairs.map((pair) => pair.map((side) => side[index]?.value ?? 0));
    const ratio = median(values.map(([theirs = 0, ours = 0]) => ours / theirs));
    const [theirs, ours] = [
      median(values.map(([value = 0]) => value)),
      median(values.map(([, value = 0]) => value)),
    ];
    return { name, unit, qemu: theirs, qmpd: ours, ratio, ...judged(ratio, goals[name]) };
  });
}

export function ownFigure(name: string, unit: string, value: number, goal?: Goal): Figure {
  return { name, unit, qmpd: value, ...judged(value, goal) };
}

function judged(value: number, goal: Goal | undefined): Pick<Figure, 'goal' | 'met'> {
  if (goal === undefined) return {};
  return { goal, met: goal.is === 'at least' ? value >= goal.value : value <= goal.value };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** "query-status, 1 in flight, p50: QEMU 198 us, qmpd 176 us: 0.89 times (goal: at most 1.25: met)". */
export function described({ name, unit, qemu, qmpd, ratio, goal, met }: Figure): string {
  const value = (figure: number): string => `${rounded(figure)} ${unit}`;
  const figures = qemu === undefined ? value(qmpd) : `QEMU ${value(qemu)}, qmpd ${value(qmpd)}`;
  const times = ratio === undefined ? '' : `: ${rounded(ratio)} times`;
  const wanted = goal === undefined ? '' : ` (goal: ${goal.is} ${goal.value}: ${met ? 'met' : 'MISSED'})`;
  return `${name}: ${figures}${times}${wanted}`;
}

function rounded(figure: number): string {
  const digits = figure < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 };
  return figure.toLocaleString('en', digits);
}
