// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// A pack judged at its own clock: read past whatever stands before it, and believed within bounds.

import {CborReader} from "../../../contracts/verify/CborReader.sol";
import {CoseSign1} from "../../../contracts/verify/CoseSign1.sol";
import {IPackVerifier} from "../../../contracts/verify/IPackVerifier.sol";
import {PackClock} from "../../../contracts/verify/PackClock.sol";
import {PackBase} from "../support/PackBase.t.sol";

/// @dev The library, callable.
contract Reader {
    function clock(bytes calldata body) external pure returns (IPackVerifier.Clock memory) {
        return PackClock.read(body);
    }

    function skip(bytes calldata item, uint256 offset) external pure returns (uint256) {
        return CborReader.skip(item, offset);
    }
}

contract PackClockTest is PackBase {
    Reader private reader;
    /// Fields 2, 3, 5 and 6 as a Miner writes them.
    bytes private constant FRONT =
        hex"02182a0303058182"
        hex"5820"
        hex"d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1"
        hex"00"
        hex"061a000927c0";

    function setUp() public override {
        super.setUp();
        reader = new Reader();
    }

    function test_a_pack_is_judged_at_its_own_clock() public {
        bytes memory pack = _packK(DEVICE_KEY, device, _body(START * 1000 + 999, 2, 40));
        vm.warp(START + 100);
        miners.retire(device, "");
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, device, 2));
        verifier.verify(pack);
        (address signer, bytes32 payloadHash, IPackVerifier.Clock memory clock) = verifier.verifyAtPackTime(pack);
        _eq("signer", signer, device);
        _eq("payload", payloadHash, sha256(_body(START * 1000 + 999, 2, 40)));
        _eq("unixMs", clock.unixMs, START * 1000 + 999);
        _eq("source", clock.source, 2);
        _eq("uncertaintyMs", clock.uncertaintyMs, 40);
    }

    function test_an_es256_pack_is_judged_at_its_own_clock() public view {
        bytes memory pack = _packP(P256_KEY, secure, _body(START * 1000, 1, 0), hex"a0");
        (address signer, , IPackVerifier.Clock memory clock) = verifier.verifyAtPackTime(pack);
        _eq("signer", signer, secure);
        _eq("unixMs", clock.unixMs, START * 1000);
    }

    function test_a_clock_before_enrolment_or_after_retirement_is_refused() public {
        bytes memory early = _packK(DEVICE_KEY, device, _body(START * 1000 - 1, 2, 40));
        bytes memory last = _packK(DEVICE_KEY, device, _body((START + 100) * 1000 - 1, 2, 40));
        bytes memory late = _packK(DEVICE_KEY, device, _body((START + 100) * 1000, 2, 40));
        vm.warp(START + 100);
        miners.retire(device, "");
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, device, 2));
        verifier.verifyAtPackTime(early);
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, device, 2));
        verifier.verifyAtPackTime(late);
        verifier.verifyAtPackTime(last);
    }

    function test_the_licence_is_judged_at_the_packs_clock() public {
        bytes memory before = _packK(DEVICE_KEY, device, _body((START + 9) * 1000, 2, 40));
        bytes memory during = _packK(DEVICE_KEY, device, _body((START + 10) * 1000, 2, 40));
        vm.warp(START + 10);
        manufacturers.suspend(licence, "");
        verifier.verifyAtPackTime(before);
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, device, 1));
        verifier.verifyAtPackTime(during);
    }

    function test_a_pack_from_the_future_is_refused() public {
        bytes memory pack = _packK(DEVICE_KEY, device, _body((START + 1) * 1000, 2, 40));
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.PackFromFuture.selector, (START + 1) * 1000, START));
        verifier.verifyAtPackTime(pack);
        vm.warp(START + 1);
        verifier.verifyAtPackTime(pack);
        uint256 farthest = type(uint64).max;
        pack = _packK(DEVICE_KEY, device, _body(farthest, 2, 40));
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.PackFromFuture.selector, farthest, START + 1));
        verifier.verifyAtPackTime(pack);
    }

    /// The signature comes first: nobody learns anything from a body that no device signed.
    function test_a_body_that_nobody_signed_is_not_read() public {
        bytes memory pack = _packK(MAKER_KEY, device, hex"ff");
        (bool passed, bytes memory reason) = address(verifier).staticcall(
            abi.encodeCall(verifier.verifyAtPackTime, (pack))
        );
        _eq("passed", passed, false);
        _eq("reason", bytes32(bytes4(reason)), bytes32(CoseSign1.SignerMismatch.selector));
    }

    function test_fields_before_the_clock_are_passed_over_whatever_they_hold() public view {
        bytes[8] memory values = [
            bytes(hex"00"),
            hex"3b7fffffffffffffff",
            hex"40",
            hex"63616263",
            hex"80",
            hex"a0",
            hex"8382018202808001",
            hex"a2018182030400a16161a10102"
        ];
        for (uint256 i = 0; i < values.length; ++i) {
            _clockOf(abi.encodePacked(hex"a3010105", values[i], hex"0783010203"));
        }
        _clockOf(hex"a201010783010203");
        _clockOf(hex"a3010107830102030880");
    }

    function test_bodies_without_a_clock_are_told_so() public {
        bytes memory missing = abi.encodeWithSelector(IPackVerifier.PackClockMissing.selector);
        _refuse(hex"a10101", missing);
        _refuse(hex"a201010200", missing);
        _refuse(hex"a201010880", missing);
        // What follows field 8 is not looked at: 7 can't stand there.
        _refuse(hex"a3010108800783010203", missing);
    }

    function test_sources_of_a_clock() public {
        for (uint8 source = 1; source < 5; ++source) {
            _eq("source", reader.clock(abi.encodePacked(hex"a20101078301", source, hex"03")).source, source);
        }
        _refuse(hex"a201010783010003", abi.encodeWithSelector(IPackVerifier.PackClockSourceRefused.selector, 0));
        _refuse(hex"a201010783010503", abi.encodeWithSelector(IPackVerifier.PackClockSourceRefused.selector, 5));
        // Not 2 by the last byte alone.
        _refuse(
            hex"a20101078301"
            hex"190102"
            hex"03",
            abi.encodeWithSelector(IPackVerifier.PackClockSourceRefused.selector, 0x102)
        );
    }

    function test_bodies_of_another_form_are_refused() public {
        bytes4 wrongType = CborReader.PackTypeUnexpected.selector;
        _refuse("", abi.encodeWithSelector(CborReader.PackTruncated.selector, 0, 1));
        _refuse(hex"80", abi.encodeWithSelector(wrongType, 0, 5, 0x80));
        _refuse(hex"bf010107830102ff", abi.encodeWithSelector(wrongType, 0, 5, 0xbf));
        _refuse(hex"a0", abi.encodeWithSelector(CborReader.PackTruncated.selector, 1, 2));
        _refuse(hex"a20102", abi.encodeWithSelector(CborReader.PackUnexpected.selector, 1, hex"0101", hex"0102"));
        _refuse(hex"a20783", abi.encodeWithSelector(CborReader.PackUnexpected.selector, 1, hex"0101", hex"0783"));
        // A key that is no number; keys out of order, and twice.
        _refuse(hex"a201016102", abi.encodeWithSelector(wrongType, 3, 0, 0x61));
        _refuse(hex"a3010103000200", abi.encodeWithSelector(PackClock.PackFieldUnordered.selector, 5, 2));
        _refuse(hex"a3010102000200", abi.encodeWithSelector(PackClock.PackFieldUnordered.selector, 5, 2));
        _refuse(hex"a201010101", abi.encodeWithSelector(PackClock.PackFieldUnordered.selector, 3, 1));
        // More fields said than there are.
        _refuse(hex"b7010102000300", abi.encodeWithSelector(CborReader.PackTruncated.selector, 7, 1));
        // A clock of two, of four, of text, and numbers in more bytes than they need.
        _refuse(hex"a2010107820102", abi.encodeWithSelector(CborReader.PackUnexpected.selector, 4, hex"83", hex"82"));
        _refuse(
            hex"a20101078401020304",
            abi.encodeWithSelector(CborReader.PackUnexpected.selector, 4, hex"83", hex"84")
        );
        _refuse(hex"a201010783610002", abi.encodeWithSelector(wrongType, 5, 0, 0x61));
        _refuse(hex"a201010783206002", abi.encodeWithSelector(wrongType, 5, 0, 0x20));
        _refuse(hex"a2010107830120", abi.encodeWithSelector(wrongType, 6, 0, 0x20));
        _refuse(hex"a201010783010220", abi.encodeWithSelector(wrongType, 7, 0, 0x20));
        _refuse(hex"a20101078301021817", abi.encodeWithSelector(CborReader.PackNotDeterministic.selector, 7));
        _refuse(hex"a201010783010219", abi.encodeWithSelector(CborReader.PackTruncated.selector, 8, 2));
    }

    function test_items_that_packs_do_not_hold_are_refused() public {
        bytes[9] memory items = [
            bytes(hex"c100"),
            hex"f4",
            hex"f6",
            hex"f93c00",
            hex"fb3ff0000000000000",
            hex"5f40ff",
            hex"9fff",
            hex"bfff",
            hex"1c"
        ];
        for (uint256 i = 0; i < items.length; ++i) {
            bytes memory reason = abi.encodeWithSelector(CborReader.PackItemRefused.selector, 4, uint8(items[i][0]));
            _refuse(abi.encodePacked(hex"a3010105", items[i], hex"0783010203"), reason);
        }
    }

    function test_giant_lengths_run_into_the_end() public {
        uint256 giant = type(uint64).max;
        bytes4 truncated = CborReader.PackTruncated.selector;
        _refuse(hex"a20101055bffffffffffffffff00", abi.encodeWithSelector(truncated, 13, giant));
        _refuse(hex"a20101057bffffffffffffffff00", abi.encodeWithSelector(truncated, 13, giant));
        _refuse(hex"a20101059bffffffffffffffff00", abi.encodeWithSelector(truncated, 14, 1));
        _refuse(hex"a2010105bbffffffffffffffff00", abi.encodeWithSelector(truncated, 14, 1));
        _refuse(hex"bbffffffffffffffff010105", abi.encodeWithSelector(truncated, 12, 1));
        // Counts add up, and don't wrap.
        bytes memory nested = hex"9bffffffffffffffff";
        bytes memory body = hex"a2010105";
        for (uint256 i = 0; i < 50; ++i) body = bytes.concat(body, nested);
        _refuse(body, abi.encodeWithSelector(truncated, 4 + 450, 1));
    }

    function test_nesting_of_any_depth_is_passed_over_within_gas_by_length() public {
        uint256 gasOfHalf = _gasOfNesting(2_000);
        _eq("in proportion", _gasOfNesting(4_000) < 3 * gasOfHalf, true);
        bytes memory endless = _nested(1_000);
        endless[1_000] = 0x81;
        vm.expectRevert(abi.encodeWithSelector(CborReader.PackTruncated.selector, 1_001, 1));
        reader.skip(endless, 0);
    }

    function test_skipping_ends_where_the_item_does() public view {
        bytes[12] memory items = [
            bytes(hex"17"),
            hex"1818",
            hex"190100",
            hex"1a00010000",
            hex"1b0000000100000000",
            hex"20",
            hex"43010203",
            hex"6161",
            hex"820102",
            hex"a10102",
            hex"a2018102028103",
            hex"83a10102408101"
        ];
        for (uint256 i = 0; i < items.length; ++i) {
            _eq("alone", reader.skip(items[i], 0), items[i].length);
            _eq("before more", reader.skip(bytes.concat(hex"00", items[i], hex"81"), 1), items[i].length + 1);
        }
    }

    function testFuzz_a_clock_is_read_as_written(uint64 unixMs, uint8 source, uint32 uncertaintyMs) public view {
        source = 1 + (source % 4);
        IPackVerifier.Clock memory clock = reader.clock(_body(unixMs, source, uncertaintyMs));
        _eq("unixMs", clock.unixMs, unixMs);
        _eq("source", clock.source, source);
        _eq("uncertaintyMs", clock.uncertaintyMs, uncertaintyMs);
    }

    /// Anything at all, behind a good beginning: a clock, or our own error, never a panic.
    function testFuzz_noise_never_panics(bytes memory noise) public view {
        bytes memory body = bytes.concat(hex"a3010105", noise);
        (bool passed, bytes memory reason) = address(reader).staticcall(abi.encodeCall(reader.clock, (body)));
        _eq("panic", !passed && bytes4(reason) == bytes4(0x4e487b71), false);
    }

    /// Each length a body can be cut to.
    function test_any_cut_is_refused() public view {
        bytes memory body = _body(START * 1000, 2, 40);
        for (uint256 length = 0; length < body.length - 1; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; ++i) cut[i] = body[i];
            (bool passed, bytes memory reason) = address(reader).staticcall(abi.encodeCall(reader.clock, (cut)));
            _eq("cut", passed, false);
            _eq("reason", bytes32(bytes4(reason)), bytes32(CborReader.PackTruncated.selector));
        }
    }

    function _gasOfNesting(uint256 depth) private view returns (uint256) {
        bytes memory deep = _nested(depth);
        uint256 before = gasleft();
        _eq("end", reader.skip(deep, 0), depth + 1);
        return before - gasleft();
    }

    /// @return deep So many arrays of one, the innermost of which holds 0.
    function _nested(uint256 depth) private pure returns (bytes memory deep) {
        deep = new bytes(depth + 1);
        for (uint256 i = 0; i < depth; ++i) deep[i] = 0x81;
    }

    function _clockOf(bytes memory body) private view {
        IPackVerifier.Clock memory clock = reader.clock(body);
        _eq("unixMs", clock.unixMs, 1);
        _eq("source", clock.source, 2);
        _eq("uncertaintyMs", clock.uncertaintyMs, 3);
    }

    function _refuse(bytes memory body, bytes memory reason) private {
        vm.expectRevert(reason);
        reader.clock(body);
    }

    /// @dev A body with fields 1, 2, 3, 5, 6 and 7, and an 8 that is cut short in meaning only.
    function _body(uint256 unixMs, uint8 source, uint256 uncertaintyMs) private pure returns (bytes memory) {
        return
            abi.encodePacked(
                hex"a60101",
                FRONT,
                hex"0783",
                _unsigned(unixMs),
                _unsigned(source),
                _unsigned(uncertaintyMs)
            );
    }

    function _unsigned(uint256 value) private pure returns (bytes memory) {
        if (value < 24) return abi.encodePacked(uint8(value));
        if (value < 256) return abi.encodePacked(hex"18", uint8(value));
        if (value < 65_536) return abi.encodePacked(hex"19", uint16(value));
        if (value < 4_294_967_296) return abi.encodePacked(hex"1a", uint32(value));
        return abi.encodePacked(hex"1b", uint64(value));
    }
}
