/** Changes of shaders that no comparison can see, each with its reason: a pattern of the place and the change. */
export const unseen: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\de-(?:[89]|1\d)f -> 1e-6 off$/, "a millionth of the second float of a coefficient is 2^-44 of the first, or less"],
  [
    /(?:5\.497923e-14|4\.967054e-9|6\.386212e-9|2\.9802323e-9|1\.38087e-13|4\.760883e-14|1\.0604634e-13|1\.9955291e-13|8\.519176e-16|6\.978549e-15)f -> 1% off$/,
    "a hundredth of these second floats is below the error bound of the function",
  ],
  [/1\.133517e-8f -> 1% off$/, "1e-10 of a density that is rounded to f32, or divides an excess of 1e-7"],
  [/6\.386212e-9f\), rounded\(s, rest\)\); \| sign - -> none$/, "1e-8 of the term of the 7th power, where the argument is below 1/9"],
  [/6\.978549e-15f\)\}; \| sign - \(2\) -> none$/, "1e-14 of a ratio that is held to 2e-12"],
  [/const pair excess = over.* \| sign - \(2\) -> none$/, "6e-8 of an excess of 1e-7"],

  [/pair\.h: static inline float rounded.* \| fma -> /, "the product plus or minus 0"],
  [/pair\.h: static inline pair size_of.* \| < -> <=$/, "0 has no sign that matters"],
  [/pair\.h: if \(a\.x < -104\.0f\).* \| (?:< -> <=|104\.0f -> .*)$/, "what is computed there is 0 in f32 as well"],
  [
    /pair\.h: if \(a\.x > 89\.0f\).* \| (?:> -> >=|89\.0f -> .*|0\.0f -> .*)$/,
    "what is computed there is infinite as well, whatever is added",
  ],
  [/pair\.h: .*1\.442695f.* \| 1\.442695f -> 1e-6 off$/, "a rest that is hardly larger than half a power of two"],
  [/pair\.h: const pair sixth = .* \| (?:1\.0f \(2\) -> 1e-6 off|1\.0f \(3\) -> .*|720 -> .*)$/, "below the bound at |r| <= 0.022"],
  [
    /pair\.h: .*rest\.x \* \(1\.0f \/ 3\) - 0\.5f\)\); \| (?:\* \(2\)|1\.0f|\/|3|0\.5f) -> /,
    "the cube of an error of 4 ulp, and a hundredth of its square, are below the bound",
  ],
  [/pair\.h: if \(a\.x > 0\.25f\).* \| (?:> -> >=|0\.25f -> .*)$/, "near 1/4 both ways hold"],
  [
    /pair\.h: const float s = square.* \| (?:1\.0f(?: \([2-5]\))? -> 1e-6 off|1\.0f \([345]\) -> 1% off|1[357] -> .*|[-+*/] \([45]\) -> .*|\+ \(3\) -> -)$/,
    "terms of the 13th power and above, where the argument is below 1/9",
  ],
  [/pair\.h: static inline pair exponential_less_one.* \| (?:< -> <=|0\.34f -> .*)$/, "near 0.34 both ways hold"],

  [/normal\.h: if \(a\.x > 14\.5f\).* \| (?:> -> >=|14\.5f -> .*)$/, "below every f32 on both sides"],
  [
    /normal\.h: (?:if \(p\.x > 0\.075f\)|const float [qr] = |first = |\(1\.0f \+ |: \(1\.4).* -> (?:1e-6 off|>=)$/,
    "a start that is a millionth off is corrected to 1e-17, and near the limits two fits hold",
  ],
  [/normal\.h: .*\| (?:0\.075f|59\.109374720f) -> 1% off$/, "near 0.075 two fits hold; the last coefficient counts for 1e-5 of the start"],
  [/normal\.h: return add\(add\(start, excess\).* \| (?:0\.5f -> .*|\* -> \+)$/, "the second order of an excess of 1e-7"],

  [/option\.h: const pair tail = times\(gaussian.* \| (?:< -> <=|38\.0f.*|\? -> always|0\.0f -> .*)$/, "the density is 0 from 14.5 on"],
  [/option\.h: return d\.x > 0\.0f.* \| (?:> -> >=|0\.0f -> 1e-6 off)$/, "at 0 both are half of the whole"],
  [/option\.h: of\.still = .* \| (?:> -> >=|1e-30f -> .*)$/, "no deviation lies between"],
  [/option\.h: const float end = .* \| (?:0\.0f.* -> 1e-6 off|40\.0f.* -> .*)$/, "any number above 14.5; no moneyness lies between"],
  [/option\.h: of\.height = fabs.* \| (?:< -> <=|14\.5f -> .*)$/, "below every f32 on both sides"],
  [/black_scholes\.metal: return to < from \? -size : size; \| < -> <=$/, "the size is 0 there"],
  [/black_scholes\.metal: v(?:anna|olga)\[i\] = dense\.x > 0\.0f.* \| (?:> -> >=|\? -> always)$/, "0 times what is finite"],

  [/STUDENT_TERMS (?:24 \||- 1\); \| (?:\+ -> -|1 -> 1 \+ 1)|- 2;.* \| 2 -> )/, "the last terms of the fit are there for f64"],
  [/const bool far = .* \| (?:> -> >=|0x1p50f -> .*)$/, "from 1e8 on both ways hold"],
  [/square = far \? .* \| 0\.0f/, "not looked at where it is far"],
  [/const pair sine = far \? .* \| (?:1\.0f|0\.0f) -> /, "where it is far only ratios of these are taken"],
  [/const float before = constants\.given \? 1\.0f.* \| 1\.0f -> /, "any price above 0"],
  [/fraction = z\.x > 0\.0f \? 1\.0f.* \| (?:> -> >=|< -> <=|0\.0f(?: \(2\))? -> .*)$/, "what is not finite is far from 0"],
  [/else if \(known && z\.x != 0\.0f\).* \| 0\.0f -> /, "1/2 either way"],
  [/fraction = z\.x < 0\.0f \? tail\.x.* \| < -> <=$/, "never 0 there"],
  [/sobol_draws\.metal: .* \| 0\.5f -> 1e-6 off$/, "2^-33 of a millionth"],
  [
    /option_book_risk\.metal: if \(i == 0 \|\| .* \| (?:== -> <=|\|\| -> or always)$/,
    "no number is below 0; the same move is computed once more",
  ],
  [
    /product_sums\.metal: .*\(constants\.upper && .* \| (?:\|\| -> without what follows|&& -> and never)$/,
    "sums that nobody reads are computed",
  ],

  [/lots\.h: (?:unit\.capacity|made\.mantissa) = \(.* \| \| -> \^$/, "no bit is set on both sides"],
  [/lots\.h: made\.exponent = \(power > 0.* \| 0 -> 0 \+ 1$/, "1 either way"],
  [/lots\.h: if \(by >= 64.* \| 64 \(2\) -> 64 - 1$/, "what is shifted is below 2^48"],
  [/lots\.h: (?:return by >= 0|made\.exact = by >= 0).* \| (?:>= -> >|0 -> 0 \+ 1)$/, "a shift by 0 is none in either direction"],
  [/lots\.h: made\.rest = shifted.* \| (?:< -> <=|36 -> 36 \+ 1)$/, "36 either way"],
  [
    /lots\.h: if \(made\.rest >= unit\.capacity\).* \| >= -> >$/,
    "a bucket that is just full then is closed by the sum with what was there",
  ],
  [/lots\.h: made\.mantissa = side\[row\].* \| == \(2\) -> <=$/, "no byte is below 0"],
  [/bucket_borders\.metal: distance = sum < distance.* \| < -> <=$/, "the same distance"],
  [/bucket_borders\.metal: ties \+= sum == 0.* \| == -> <=$/, "no sum is below 0"],
  [
    /bucket_borders\.metal: const ulong beneath = .* \| 1 -> 1 \+ 1$/,
    "of one bucket the exponent of 0, of which a shift takes the last bits, 0",
  ],
];
