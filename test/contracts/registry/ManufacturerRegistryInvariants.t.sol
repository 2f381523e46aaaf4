// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Whatever owners, votes and the guardian try in whatever order, and whatever time passes between:
//   a step passes  <=>  the diagram in IManufacturerRegistry has it, and its caller may take it
//   statusOf, licenceOf, isActive = what the diagram says now; isActiveAt(t) = what it said at t
//   token.balanceOf(registry) = sum of bond(licence); bond <= bondRequired; treasury = sum of what was slashed

import {IManufacturerRegistry as I} from "../../../contracts/registry/IManufacturerRegistry.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

/// @dev Keeps beside the registry a copy of it that is slow and obvious: time moves a licence the moment it comes, and
/// the past is a list. Every step is tried, also where it must be refused, and by whom it isn't allowed.
contract Licences is RegistryBase {
    struct Copy {
        I.LicenceStatus status;
        bool guardianUsed;
        uint256 end;
        uint256 freeAt;
        uint256 bond;
        uint256 required;
        address owner;
    }

    struct Change {
        uint256 from;
        bool counts;
    }

    uint256 public constant LICENCES = 5;
    uint64 private constant GUARDIAN_ROLE = 7;
    address private constant GUARDIAN = address(0x6AD1A);

    Copy[] private copies;
    mapping(uint256 id => Change[]) private past;
    uint256 public slashed;
    /// The last step that passed where it should not have, or the reverse.
    bytes4 public unexpected;

    constructor() {
        setUp();
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = I.guardianSuspend.selector;
        manager.setTargetFunctionRole(address(manufacturers), selectors, GUARDIAN_ROLE);
        manager.grantRole(GUARDIAN_ROLE, GUARDIAN, 0);
        copies.push();
        uint96[LICENCES] memory bonds = [uint96(1_000e18), 0, 1, 3, 70e18];
        for (uint256 i = 0; i < LICENCES; ++i) _grant(i % 2 == 0 ? maker : OWNER, bonds[i]);
    }

    /// @dev Once: the fuzzer calls whatever is public.
    function setUp() public override {
        if (address(manager) == address(0)) super.setUp();
    }

    function copyOf(uint256 id) external view returns (Copy memory) {
        return copies[id];
    }

    function pastOf(uint256 id) external view returns (Change[] memory) {
        return past[id];
    }

    function registry() external view returns (I) {
        return manufacturers;
    }

    function balanceOf(address account) external view returns (uint256) {
        return token.balanceOf(account);
    }

    function postBond(uint256 seed, uint256 who) external {
        (uint256 id, Copy storage licence) = _any(seed);
        address caller = _caller(who, licence.owner, licence.owner);
        bool allowed = caller == licence.owner && licence.status == I.LicenceStatus.Granted;
        if (!_try(abi.encodeCall(I.postBond, (id)), caller, allowed)) return;
        licence.bond = licence.required;
        _move(id, I.LicenceStatus.Active, 0);
    }

    function suspend(uint256 seed, uint256 who) external {
        (uint256 id, Copy storage licence) = _any(seed);
        address caller = _caller(who, address(this), licence.owner);
        bool temporary = licence.status == I.LicenceStatus.Suspended && licence.end != 0;
        bool allowed = caller == address(this) && (_runs(licence) || temporary);
        if (_try(abi.encodeCall(I.suspend, (id, "")), caller, allowed)) _move(id, I.LicenceStatus.Suspended, 0);
    }

    function guardianSuspend(uint256 seed, uint256 who, uint40 duration) external {
        (uint256 id, Copy storage licence) = _any(seed);
        duration = uint40(duration % (14 days + 2));
        address caller = _caller(who, GUARDIAN, licence.owner);
        bool lasts = duration != 0 && duration <= 14 days;
        bool allowed = caller == GUARDIAN && _runs(licence) && !licence.guardianUsed && lasts;
        if (!_try(abi.encodeCall(I.guardianSuspend, (id, duration, "")), caller, allowed)) return;
        licence.guardianUsed = true;
        _move(id, I.LicenceStatus.Suspended, block.timestamp + duration);
    }

    function reinstate(uint256 seed, uint256 who) external {
        (uint256 id, Copy storage licence) = _any(seed);
        address caller = _caller(who, address(this), licence.owner);
        bool allowed = caller == address(this) && licence.status == I.LicenceStatus.Suspended;
        if (_try(abi.encodeCall(I.reinstate, (id)), caller, allowed)) _move(id, _byBond(licence), 0);
    }

    function revoke(uint256 seed, uint256 who) external {
        // Seldom, or there would be no licence left to do anything else to.
        if (who % 3 != 0) return;
        (uint256 id, Copy storage licence) = _any(seed);
        address caller = _caller(who, address(this), licence.owner);
        bool over = licence.status == I.LicenceStatus.Revoked || licence.status == I.LicenceStatus.Exited;
        if (!_try(abi.encodeCall(I.revoke, (id, "")), caller, caller == address(this) && !over)) return;
        _move(id, I.LicenceStatus.Revoked, block.timestamp + 180 days);
    }

    function slash(uint256 seed, uint256 who, uint96 amount) external {
        (uint256 id, Copy storage licence) = _any(seed);
        amount = uint96(amount % (licence.bond + 2));
        address caller = _caller(who, address(this), licence.owner);
        bool allowed = caller == address(this) && !_isFree(licence) && amount != 0 && amount <= licence.bond;
        if (!_try(abi.encodeCall(I.slash, (id, amount, "")), caller, allowed)) return;
        licence.bond -= amount;
        slashed += amount;
        bool stops = licence.status == I.LicenceStatus.Active;
        _move(id, stops ? I.LicenceStatus.Granted : licence.status, licence.end);
    }

    function exit(uint256 seed, uint256 who) external {
        (uint256 id, Copy storage licence) = _any(seed);
        address caller = _caller(who, licence.owner, licence.owner);
        bool stands = licence.status == I.LicenceStatus.Granted || licence.status == I.LicenceStatus.Active;
        if (!_try(abi.encodeCall(I.exit, (id)), caller, caller == licence.owner && stands)) return;
        _move(id, I.LicenceStatus.Exiting, block.timestamp + 180 days);
    }

    function withdrawBond(uint256 seed, uint256 who) external {
        (uint256 id, Copy storage licence) = _any(seed);
        uint256 before = token.balanceOf(licence.owner);
        bool allowed = _isFree(licence) && licence.bond != 0;
        bytes memory call = abi.encodeCall(I.withdrawBond, (id));
        if (!_try(call, _caller(who, STRANGER, licence.owner), allowed)) return;
        // Not a revert, which the fuzzer would take for a refusal.
        if (token.balanceOf(licence.owner) - before != licence.bond) unexpected = I.withdrawBond.selector;
        licence.bond = 0;
    }

    function pass(uint256 time) external {
        _warp(block.timestamp + 1 + (time % 60 days));
    }

    /// @dev To the second at which something ends by itself, or the one before.
    function passToAnEnd(uint256 seed, bool before) external {
        (, Copy storage licence) = _any(seed);
        uint256 time = before ? licence.end - (licence.end == 0 ? 0 : 1) : licence.end;
        if (time > block.timestamp) _warp(time);
    }

    function _grant(address owner, uint96 bond) private {
        uint256 id = manufacturers.grant(owner, "Acme", bond, 1, abi.encodePacked(owner));
        copies.push().owner = owner;
        copies[id].required = bond;
        _move(id, bond == 0 ? I.LicenceStatus.Active : I.LicenceStatus.Granted, 0);
        token.transfer(owner, 1_000_000e18);
        vm.prank(owner);
        token.approve(address(manufacturers), type(uint256).max);
    }

    /// @dev What ends between is moved at its own second, not at the one that is looked at.
    function _warp(uint256 time) private {
        vm.warp(time);
        for (uint256 id = 1; id <= LICENCES; ++id) {
            Copy storage licence = copies[id];
            if (licence.end == 0 || time < licence.end) continue;
            if (licence.status == I.LicenceStatus.Suspended) _moveAt(id, _byBond(licence), 0, licence.end);
            if (licence.status == I.LicenceStatus.Exiting) _moveAt(id, I.LicenceStatus.Exited, 0, licence.end);
        }
    }

    function _move(uint256 id, I.LicenceStatus status, uint256 end) private {
        _moveAt(id, status, end, block.timestamp);
    }

    function _moveAt(uint256 id, I.LicenceStatus status, uint256 end, uint256 time) private {
        Copy storage licence = copies[id];
        (licence.status, licence.end) = (status, end);
        if (status == I.LicenceStatus.Exiting || status == I.LicenceStatus.Revoked) licence.freeAt = end;
        else if (status != I.LicenceStatus.Exited) licence.freeAt = 0;
        bool whole = licence.bond >= licence.required;
        bool counts = status == I.LicenceStatus.Active || (status == I.LicenceStatus.Exiting && whole);
        past[id].push(Change(time, counts));
    }

    function _try(bytes memory call, address caller, bool allowed) private returns (bool passed) {
        vm.prank(caller);
        (passed, ) = address(manufacturers).call(call);
        if (passed != allowed) unexpected = bytes4(call);
    }

    /// @dev Mostly who may.
    function _caller(uint256 who, address right, address owner) private view returns (address) {
        address[4] memory others = [owner, address(this), GUARDIAN, STRANGER];
        return who % 8 < 4 ? right : others[who % 4];
    }

    function _any(uint256 seed) private view returns (uint256 id, Copy storage licence) {
        id = 1 + (seed % LICENCES);
        licence = copies[id];
    }

    function _runs(Copy storage licence) private view returns (bool) {
        return licence.status == I.LicenceStatus.Active || licence.status == I.LicenceStatus.Exiting;
    }

    function _isFree(Copy storage licence) private view returns (bool) {
        return licence.freeAt != 0 && block.timestamp >= licence.freeAt;
    }

    function _byBond(Copy storage licence) private view returns (I.LicenceStatus) {
        return licence.bond >= licence.required ? I.LicenceStatus.Active : I.LicenceStatus.Granted;
    }
}

contract ManufacturerRegistryInvariants is RegistryBase {
    Licences private handler;
    I private registry;

    function setUp() public override {
        handler = new Licences();
        registry = handler.registry();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_a_step_passes_where_the_diagram_has_it_and_nowhere_else() public view {
        _eq("selector", bytes32(handler.unexpected()), bytes32(0));
    }

    function invariant_every_licence_stands_where_the_diagram_says() public view {
        for (uint256 id = 1; id <= handler.LICENCES(); ++id) {
            Licences.Copy memory expected = handler.copyOf(id);
            I.Licence memory licence = registry.licenceOf(id);
            _eq("status", uint256(licence.status), uint256(expected.status));
            _eq("statusOf", uint256(registry.statusOf(id)), uint256(expected.status));
            _eq("until", licence.until, expected.end);
            _eq("guardianUsed", licence.guardianUsed, expected.guardianUsed);
            _eq("bond", licence.bond, expected.bond);
            _eq("owner", licence.owner, expected.owner);
            Licences.Change[] memory past = handler.pastOf(id);
            _eq("isActive", registry.isActive(id), past[past.length - 1].counts);
        }
    }

    function invariant_the_history_tells_of_every_moment_what_stood_then() public view {
        for (uint256 id = 1; id <= handler.LICENCES(); ++id) {
            Licences.Change[] memory past = handler.pastOf(id);
            for (uint256 i = 0; i < past.length; ++i) {
                for (uint256 moment = past[i].from - 1; moment <= past[i].from + 1; ++moment) {
                    if (moment > block.timestamp) continue;
                    bool counted = false;
                    for (uint256 j = 0; j < past.length; ++j) if (past[j].from <= moment) counted = past[j].counts;
                    _eq("isActiveAt", registry.isActiveAt(id, uint48(moment)), counted);
                }
            }
        }
    }

    function invariant_the_registry_holds_the_bonds_and_nothing_else() public view {
        uint256 bonds = 0;
        for (uint256 id = 1; id <= handler.LICENCES(); ++id) {
            I.Licence memory licence = registry.licenceOf(id);
            if (licence.bond > licence.bondRequired) revert Unequal("more than required", 0, 0);
            bonds += licence.bond;
        }
        _eq("held", handler.balanceOf(address(registry)), bonds);
        _eq("treasury", handler.balanceOf(TREASURY), handler.slashed());
    }
}
