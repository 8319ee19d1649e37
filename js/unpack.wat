;; Reads the form of xtask/packing.mjs, in place. As JavaScript, which is cold when a page starts, the same loop
;; takes as long as everything else until there is a session.
(module
  (import "" "m" (memory 1))
  ;; The text's length in, the module's out.
  (func (export "u") (param $end i32) (result i32)
    (local $from i32)
    (local $to i32)
    (local $symbol i32)
    ;; What a symbol that came before adds.
    (local $base i32)
    (loop $next
      (local.set $symbol (i32.load8_u (local.get $from)))
      ;; From 35, without 92.
      (local.set $symbol
        (i32.sub
          (i32.sub (local.get $symbol) (i32.const 35))
          (i32.gt_u (local.get $symbol) (i32.const 92))))
      (if (i32.and (i32.eqz (local.get $base)) (i32.ge_u (local.get $symbol) (i32.const 89)))
        (then
          (local.set $base
            (i32.add (i32.const 89) (i32.mul (i32.sub (local.get $symbol) (i32.const 89)) (i32.const 91)))))
        (else
          (i32.store8 (local.get $to) (i32.add (local.get $base) (local.get $symbol)))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (local.set $base (i32.const 0))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $from) (local.get $end))))
    (local.get $to)))
