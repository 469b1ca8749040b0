import { afterAll, beforeEach } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { type AdminCall, adminApi, LabControl } from "../harness/lab.ts";

/** A lab for the tests of one file, new before each of them. */
export async function openLab(): Promise<{ lab: Lab; control: LabControl; call: AdminCall }> {
  const lab = await startLab({ portBase: 0 });
  const control = new LabControl(lab.addresses.control);
  beforeEach(() => control.reset());
  afterAll(() => lab.close());
  return { lab, control, call: adminApi(lab.addresses.cloudian.endpoint) };
}
