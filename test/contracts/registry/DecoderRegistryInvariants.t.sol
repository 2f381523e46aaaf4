// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Whatever the DIP, the guardian and anyone else do, however long they wait:
//   a step passes  <=>  the facts of its decoder, its caller and the time allow it
//   status(decoder, now) = what its facts say
//   activeRoot = root of a tree built afresh from the decoders whose written status is active
//   activeEpoch = number of times that set changed

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {IDecoderRegistry as I} from "../../../contracts/registry/IDecoderRegistry.sol";
import {DecoderBase} from "../support/DecoderBase.t.sol";

/// @dev Six decoders, three callers, and the slow reference: what happened to each decoder, not the state it is in.
contract DecoderDesk is DecoderBase {
    uint256 public constant DECODERS = 6;
    address private constant GUARDIAN = address(0x6A4D);
    uint64 private constant GUARDIAN_ROLE = 7;

    /// @dev Times are 0 for what has not happened.
    struct Facts {
        uint256 index;
        bytes32 successor;
        uint256 graceEnds;
        uint256 suspendedUntil;
        bool retired;
        bool revoked;
        I.DecoderStatus written;
    }

    Facts[DECODERS] private facts;
    uint256 private listed;
    uint256 public changes;

    constructor() {
        setUp();
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = I.suspend.selector;
        manager.setTargetFunctionRole(address(decoders), selectors, GUARDIAN_ROLE);
        manager.grantRole(GUARDIAN_ROLE, GUARDIAN, 0);
    }

    /// @dev Once: the fuzzer calls whatever is public.
    function setUp() public override {
        if (address(decoders) == address(0)) super.setUp();
    }

    function list(uint256 which, uint256 by) external {
        (uint256 i, bytes32 contentHash) = _pick(which);
        I.Decoder memory d = _decoder("");
        d.contentHash = contentHash;
        bool allowed = statusOf(i) == I.DecoderStatus.None;
        if (!_step(abi.encodeCall(I.list, (d, _consent(d))), by, false, allowed)) return;
        facts[i].index = ++listed;
        _write(i);
    }

    function deprecate(uint256 which, uint256 by, uint256 successor, uint256 graceSeconds) external {
        (uint256 i, bytes32 contentHash) = _pick(which);
        (uint256 j, bytes32 next) = _pick(successor);
        if (successor % 2 == 0) next = 0;
        uint256 graceEnds = block.timestamp + (graceSeconds % 30 days);
        bool usable = next == 0 || (i != j && statusOf(j) == I.DecoderStatus.Listed);
        bool allowed = statusOf(i) == I.DecoderStatus.Listed && usable && graceEnds > block.timestamp;
        if (!_step(abi.encodeCall(I.deprecate, (contentHash, next, uint40(graceEnds))), by, false, allowed)) return;
        (facts[i].graceEnds, facts[i].successor) = (graceEnds, next);
        _write(i);
    }

    function retire(uint256 which, uint256 by) external {
        (uint256 i, bytes32 contentHash) = _pick(which);
        bool allowed = statusOf(i) == I.DecoderStatus.Deprecated;
        if (!_step(abi.encodeCall(I.retire, (contentHash)), by, false, allowed)) return;
        facts[i].retired = true;
        _write(i);
    }

    function suspend(uint256 which, uint256 by, uint256 durationSeconds) external {
        (uint256 i, bytes32 contentHash) = _pick(which);
        durationSeconds %= 15 days;
        bool inTime = durationSeconds > 0 && durationSeconds <= 14 days;
        bool allowed = isActive(statusOf(i)) && facts[i].suspendedUntil == 0 && inTime;
        bytes memory call = abi.encodeCall(I.suspend, (contentHash, uint40(durationSeconds), ""));
        if (!_step(call, by, true, allowed)) return;
        facts[i].suspendedUntil = block.timestamp + durationSeconds;
        _write(i);
    }

    function reinstate(uint256 which, uint256 by) external {
        (uint256 i, bytes32 contentHash) = _pick(which);
        bool allowed = statusOf(i) == I.DecoderStatus.Suspended;
        if (!_step(abi.encodeCall(I.reinstate, (contentHash)), by, false, allowed)) return;
        facts[i].suspendedUntil = block.timestamp;
        _write(i);
    }

    function revoke(uint256 which, uint256 by) external {
        (uint256 i, bytes32 contentHash) = _pick(which);
        bool allowed = isActive(statusOf(i)) || statusOf(i) == I.DecoderStatus.Suspended;
        // One in eight, or nothing else would be left to look at.
        if (which & 0x700 != 0) return;
        if (!_step(abi.encodeCall(I.revoke, (contentHash, "")), by, false, allowed)) return;
        facts[i].revoked = true;
        _write(i);
    }

    function sync(uint256 which, address by) external {
        (uint256 i, bytes32 contentHash) = _pick(which);
        bool allowed = statusOf(i) != facts[i].written;
        vm.prank(by);
        (bool passed, ) = address(decoders).call(abi.encodeCall(I.sync, (contentHash)));
        _eq("sync", passed, allowed);
        if (passed) _write(i);
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + 1 + (time % 5 days));
    }

    /// @dev Onto the second itself at which something ends.
    function waitForAnEnd(uint256 which, bool grace) external {
        Facts storage f = facts[which % DECODERS];
        uint256 end = grace ? f.graceEnds : f.suspendedUntil;
        if (end > block.timestamp) vm.warp(end);
    }

    /// @notice The status now, from what happened alone.
    function statusOf(uint256 i) public view returns (I.DecoderStatus) {
        Facts storage f = facts[i];
        if (f.index == 0) return I.DecoderStatus.None;
        if (f.revoked) return I.DecoderStatus.Revoked;
        if (f.retired) return I.DecoderStatus.Retired;
        if (block.timestamp < f.suspendedUntil) return I.DecoderStatus.Suspended;
        if (f.graceEnds == 0) return I.DecoderStatus.Listed;
        return block.timestamp < f.graceEnds ? I.DecoderStatus.Deprecated : I.DecoderStatus.Retired;
    }

    function isActive(I.DecoderStatus status) public pure returns (bool) {
        return status == I.DecoderStatus.Listed || status == I.DecoderStatus.Deprecated;
    }

    function checkDecoders() external view {
        for (uint256 i = 0; i < DECODERS; ++i) {
            (, bytes32 contentHash) = _pick(i);
            I.DecoderInfo memory info = decoders.decoderOf(contentHash);
            _eq("status", uint256(info.status), uint256(statusOf(i)));
            _eq("active", decoders.isActive(contentHash), isActive(statusOf(i)));
            _eq("index", info.index, facts[i].index);
            _eq("indexOf", decoders.indexOf(contentHash), facts[i].index);
            _eq("grace", info.graceEnds, facts[i].graceEnds);
            _eq("suspended until", info.suspendedUntil, facts[i].suspendedUntil);
            _eq("successor", info.successor, facts[i].successor);
        }
        _eq("count", decoders.decoderCount(), listed);
    }

    function checkRoot() external view {
        bytes32[8] memory level;
        for (uint256 i = 0; i < DECODERS; ++i) {
            (, bytes32 contentHash) = _pick(i);
            uint256 index = facts[i].index;
            if (isActive(facts[i].written)) level[index - 1] = _leafOf(contentHash, index);
        }
        for (uint256 size = 8; size > 1; size /= 2) {
            for (uint256 i = 0; i < size / 2; ++i) {
                (bytes32 left, bytes32 right) = (level[2 * i], level[2 * i + 1]);
                level[i] = left == 0 || right == 0 ? left | right : Hashes.commutativeKeccak256(left, right);
            }
        }
        _eq("root", decoders.activeRoot(), level[0]);
        _eq("epoch", decoders.activeEpoch(), changes);
    }

    /// @dev Half of the steps are tried by whom they belong to.
    function _step(bytes memory call, uint256 by, bool guardians, bool allowed) private returns (bool passed) {
        address caller =
            by % 4 == 2
                ? STRANGER
                : guardians == (by % 4 < 2)
                    ? GUARDIAN
                    : address(this);
        vm.prank(caller);
        (passed, ) = address(decoders).call(call);
        _eq("passed", passed, allowed && by % 4 < 2);
    }

    /// @dev A step writes the status down as it now is, and the active set with it.
    function _write(uint256 i) private {
        I.DecoderStatus status = statusOf(i);
        if (isActive(status) != isActive(facts[i].written)) ++changes;
        facts[i].written = status;
    }

    function _pick(uint256 which) private pure returns (uint256 i, bytes32 contentHash) {
        i = which % DECODERS;
        contentHash = keccak256(abi.encode("decoder", i));
    }
}

contract DecoderRegistryInvariants {
    DecoderDesk private desk;

    function setUp() public {
        desk = new DecoderDesk();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(desk);
    }

    /// hardhat-config: invariant.failOnRevert = true
    function invariant_a_decoder_is_what_happened_to_it() public view {
        desk.checkDecoders();
    }

    /// hardhat-config: invariant.failOnRevert = true
    function invariant_the_root_is_that_of_a_tree_built_afresh_from_the_active_set() public view {
        desk.checkRoot();
    }
}
