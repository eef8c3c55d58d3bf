// A double as C's printf("%.17g") writes it in the C locale, which is how QEMU prints doubles (json-writer.c).

/** Significant digits. */
const precision = 17;
/** More digits than any decision between two neighbours of 17 digits needs; the most that JavaScript gives. */
const exactDigits = 100;

/** The 17 digits and the exponent of ten of a finite number above 0, ties to even as in glibc. */
function decimal(value: number): { digits: string; exponent: number } {
  const rounded = value.toExponential(precision - 1);
  const mark = rounded.indexOf('e');
  const digits = rounded[0] + rounded.slice(2, mark);
  const exponent = Number(rounded.slice(mark + 1));
  if (Number(digits[precision - 1]) % 2 === 0) return { digits, exponent };
  // JavaScript rounds a tie up. Where the last digit is odd, look whether it was one.
  const exact = value.toExponential(exactDigits);
  const tail = exact.slice(precision + 1, exact.indexOf('e'));
  const wasTie = /^50*$/.test(tail) && exact.slice(0, precision + 1) !== rounded.slice(0, precision + 1);
  if (!wasTie) return { digits, exponent };
  return { digits: exact[0] + exact.slice(2, precision + 1), exponent };
}

function finiteText(value: number): string {
  const { digits, exponent } = decimal(value);
  const significant = digits.replace(/0+$/, '');
  if (exponent < -4 || exponent >= precision) {
    const fraction = significant.length > 1 ? `.${significant.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${significant[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${significant}`;
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = significant.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** `%.17g`: 0.1 gives 0.10000000000000001, 1e17 gives 1e+17; infinity gives `inf`, which is not JSON, as in QEMU. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${sign}inf`;
  return sign + (size === 0 ? '0' : finiteText(size));
}
