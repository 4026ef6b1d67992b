// Package pcs knows what pcs and Pacemaker print, and what pcs is told.
//
// The readers turn the text of `pcs status` (every release from Pacemaker
// 1.1.10 to 3.0, pcs 0.9 to 0.12), of `pcs cluster status`, `pcs status
// nodes` and `crm_mon -1 [-r]`, and the XML of `pcs status xml` and
// `crm_mon --output-as=xml`, into one model, Status. The dialect of a text is
// recognised from its lines and never from a version, because distributions
// backport: CentOS 7.2 prints with 1.1.13 what upstream prints from 1.1.14.
//
// crm_mon -n and -b leave out the sets around a resource or its name: what they
// say is read, and the result is unknown.
//
// People paste a status. ParseSaved undoes one wrapping around all of it
// (pasted.go); what is no status is told by its place and named
// (text_beside.go); a resource comes only into a set that can hold it, whatever
// happened to the indentation (text_belongs.go); what is not told is no state
// (Status.NotTold).
//
// A line that is not understood is kept in Status.Unparsed, a part that ought
// to be there and is not is named in Status.Incomplete, and either makes the
// result unknown: a status that was cut or garbled on its way is never taken
// for a good one.
//
// What nodes print is data: a reader takes at most 16 MiB, in bounded time and
// memory (limits.go).
//
// The package is pure: bytes in, values out.
package pcs
