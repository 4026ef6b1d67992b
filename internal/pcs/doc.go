// Package pcs knows what pcs and Pacemaker print, and what pcs is told.
//
// The readers turn the text of `pcs status` (every release from Pacemaker
// 1.1.10 to 3.0, pcs 0.9 to 0.12), of `pcs cluster status`, `pcs status
// nodes` and `crm_mon -1 [-r]`, and the XML of `pcs status xml` and
// `crm_mon --output-as=xml`, into one model, Status. The dialect of a text is
// recognised from its lines and never from a version, because distributions
// backport: CentOS 7.2 prints with 1.1.13 what upstream prints from 1.1.14.
//
// A line that is not understood is kept in Status.Unparsed, a part that ought
// to be there and is not is named in Status.Incomplete, and either makes the
// result unknown: a status that was cut or garbled on its way is never taken
// for a good one.
//
// The package is pure: bytes in, values out.
package pcs
