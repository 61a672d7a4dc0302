/** Golden numbers of eigenfactor_adjustment, computed in numpy and scipy. */
import type { Golden } from "../../../core/contract/contract.js";

export const eigenfactorGolden: readonly Golden[] = [
  {
    source: "numpy 2.4.6 linalg.eigh, scipy 1.17.1 ndtri, Philox4x32-10 written in Python and checked against Random123's known answers",
    inputs: { covariance: [0.0004, 0.0001, 5e-5, 0.0001, 0.0009, -0.0002, 5e-5, -0.0002, 0.0001] },
    options: { observations: 30, draws: 25, seed: 7, scale: 1.4 },
    outputs: {
      adjusted: [
        0.00048143587841370896, 8.130238798560403e-5, 6.837414460093029e-5, 8.130238798560401e-5, 0.0008438431241924342,
        -0.0001852871901051312, 6.83741446009303e-5, -0.0001852871901051312, 0.00011655583907597367,
      ],
      bias: [1.140093371029736, 1.0742515480131534, 0.9764062574293624],
    },
    relative: 1e-11,
    floor: 0.001,
  },
  {
    source: "numpy 2.4.6 linalg.eigh, scipy 1.17.1 ndtri, Philox4x32-10 written in Python and checked against Random123's known answers",
    inputs: { covariance: [0.0004, 7, -8, 0.0001, 0.0009, 9, 5e-5, -0.0002, 0.0001] /* what is above the diagonal is not read */ },
    options: { observations: 12, draws: 10, seed: 123456, scale: 1 },
    outputs: {
      adjusted: [
        0.0006201043084057277, 5.25455949646683e-5, 9.807987308947631e-5, 5.25455949646683e-5, 0.0007685937538540705,
        -0.00016384243360790748, 9.807987308947632e-5, -0.00016384243360790745, 0.00014912755722601182,
      ],
      bias: [1.50435944293609, 1.260708293927459, 0.9203015294524783],
    },
    relative: 1e-11,
    floor: 0.001,
  },
  {
    source: "the numbers above: beside them a factor so small that it is left as it is",
    inputs: { covariance: [0.0004, 0, 0, 0, 0.0001, 0.0009, 0, 0, 5e-5, -0.0002, 0.0001, 0, 0, 0, 0, 1e-18] },
    options: { factors: 4, observations: 12, draws: 10, seed: 123456, scale: 1 },
    outputs: {
      adjusted: [
        0.0006201043084057277, 5.25455949646683e-5, 9.807987308947631e-5, 0, 5.25455949646683e-5, 0.0007685937538540705,
        -0.00016384243360790748, 0, 9.807987308947632e-5, -0.00016384243360790745, 0.00014912755722601182, 0, 0, 0, 0, 1e-18,
      ],
      bias: [1, 1.50435944293609, 1.260708293927459, 0.9203015294524783],
    },
    relative: 1e-11,
    floor: 0.001,
  },
];
